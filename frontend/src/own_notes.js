/**
 * Notes and marks that this browser keeps, where none can be written beside the log; lines of the same form as those of
 * the file there (docs/notes.md), so that they can be saved as one.
 */

/** @import { FindingEntry, MarkEntry, NoteEntry, RunEntry } from './schema.js' */

/** @typedef {Record<string, unknown>} Line */

const KEY = 'histinsight.notes.';
export const FILE_NAME = 'tb-histinsight.notes.jsonl';
const KINDS = /** @type {const} */ (['edit', 'remove', 'mark', 'text']);
const MARKS = ['intended', 'dismissed'];
const LONGEST = 20_000;

export class OwnNotes {
  /** @param {string} log which log they are on; '' keeps nothing */
  constructor(log) {
    this.log = log;
  }

  /** @returns {Line[]} */
  lines() {
    if (this.log === '') return [];
    try {
      return parsed(window.localStorage.getItem(KEY + this.log) ?? '').lines;
    } catch {
      return [];
    }
  }

  /** Whether an entry of this id is kept here. @param {unknown} id */
  has(id) {
    return this.lines().some((line) => line['id'] === id);
  }

  /** Adds an entry, or a change of one. @param {Line} said without id and time */
  add(said) {
    const isNew = said['edit'] === undefined && said['remove'] === undefined;
    const { run, ...change } = said;
    this.keep([...this.lines(), { ...(isNew ? { id: freshId(), run } : {}), time: new Date().toISOString(), ...change }]);
  }

  /**
   * Takes over what a file says, once. @param {string} text
   * @returns {{ added: number, bad: number }} `bad`: lines that could not be understood
   */
  take(text) {
    const known = new Set(this.lines().map((line) => JSON.stringify(line)));
    const { lines, bad } = parsed(text);
    const fresh = lines.filter((line) => !known.has(JSON.stringify(line))).map((line) => (line['id'] === undefined && isEntry(line) ? { id: freshId(), ...line } : line));
    this.keep([...this.lines(), ...fresh]);
    return { added: fresh.length, bad };
  }

  forget() {
    window.localStorage.removeItem(KEY + this.log);
  }

  /** @returns {string} what a file beside the log would hold */
  text() {
    return written(this.lines());
  }

  /** @param {Line[]} lines */
  keep(lines) {
    // Throws where the browser forbids it, or has no room.
    window.localStorage.setItem(KEY + this.log, written(lines));
  }
}

/** Whether the browser lets a page keep anything. */
export function canKeep() {
  try {
    window.localStorage.setItem(`${KEY}?`, '');
    window.localStorage.removeItem(`${KEY}?`);
    return true;
  } catch {
    return false;
  }
}

const freshId = () => [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** @param {Line[]} lines */
const written = (lines) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** @param {Line} line */
const isEntry = (line) => line['edit'] === undefined && line['remove'] === undefined;

/** @param {string} text @returns {{ lines: Line[], bad: number }} */
function parsed(text) {
  /** @type {Line[]} */
  const lines = [];
  let bad = 0;
  for (const raw of text.split('\n')) {
    if (raw.trim() === '') continue;
    const line = understood(raw);
    if (line) lines.push(line);
    else bad += 1;
  }
  return { lines, bad };
}

/** @param {string} raw @returns {Line | null} */
function understood(raw) {
  let line;
  try {
    line = JSON.parse(raw);
  } catch {
    return null;
  }
  if (typeof line !== 'object' || line === null || Array.isArray(line)) return null;
  const kind = KINDS.find((key) => key in line);
  const texts = ['id', 'edit', 'remove', 'mark', 'text', 'reason', 'author', 'time', 'run', 'tag', 'rule', 'layer'];
  if (kind === undefined || texts.some((key) => line[key] !== undefined && line[key] !== null && (typeof line[key] !== 'string' || line[key].length > LONGEST))) return null;
  if (kind === 'mark' && (!MARKS.includes(line.mark) || !line.rule)) return null;
  if (line.tags !== undefined && line.tags !== null && !(Array.isArray(line.tags) && line.tags.every((/** @type {unknown} */ tag) => typeof tag === 'string'))) return null;
  if (line.step !== undefined && line.step !== null && !Number.isInteger(line.step)) return null;
  return line;
}

/** @param {Line} line @param {string} key */
const textOf = (line, key) => (typeof line[key] === 'string' ? /** @type {string} */ (line[key]) : null);

/**
 * A run's report with what this browser keeps: notes beside those of the log, marks on its findings, and changes of both.
 * @param {RunEntry} entry @param {Line[]} lines @returns {RunEntry}
 */
export function withOwn(entry, lines) {
  if (lines.length === 0) return entry;
  const own = lines.filter((line) => isEntry(line) && (textOf(line, 'run') ?? entry.run) === entry.run);
  const changes = lines.filter((line) => !isEntry(line)).sort((a, b) => (textOf(a, 'time') ?? '').localeCompare(textOf(b, 'time') ?? ''));
  const marks = own.filter((line) => line['mark'] !== undefined);
  const notes = [...(entry.notes ?? []), ...own.filter((line) => line['mark'] === undefined).map(noteOf)];
  return {
    ...entry,
    notes: changed(notes, changes, (note, change) => ({
      ...note,
      text: textOf(change, 'text') ?? note.text,
      edited_time: textOf(change, 'time'),
      edited_by: textOf(change, 'author') ?? '',
    })),
    findings: entry.findings.map((finding) => ({ ...finding, mark: markOf(finding, marks, changes) })),
  };
}

/** The mark that holds: the latest of this browser's, or that of the log. @param {FindingEntry} finding @param {Line[]} marks @param {Line[]} changes */
function markOf(finding, marks, changes) {
  const fitting = marks.filter((line) => fits(line, finding)).map(
    (line) => /** @type {MarkEntry} */ ({ id: textOf(line, 'id') ?? '', mark: textOf(line, 'mark') ?? '', reason: textOf(line, 'reason') ?? '', author: textOf(line, 'author') ?? '', time: textOf(line, 'time') }),
  );
  const all = changed(finding.mark === null ? fitting : [finding.mark, ...fitting], changes, (mark, change) => ({
    ...mark,
    reason: textOf(change, 'reason') ?? textOf(change, 'text') ?? mark.reason,
    mark: textOf(change, 'mark') ?? mark.mark,
  }));
  return all.at(-1) ?? null;
}

/**
 * @template {{ id: string }} T
 * @param {T[]} entries @param {Line[]} changes @param {(entry: T, change: Line) => T} edit @returns {T[]}
 */
function changed(entries, changes, edit) {
  const gone = new Set(changes.map((change) => change['remove']).filter((id) => id !== undefined));
  return entries
    .filter(({ id }) => !gone.has(id))
    .map((entry) => changes.filter((change) => change['edit'] === entry.id).reduce(edit, entry));
}

/** @param {Line} line @param {FindingEntry} finding */
function fits(line, finding) {
  const { tags } = line;
  return (
    line['rule'] === finding.rule &&
    (!('layer' in line) || (line['layer'] ?? null) === finding.layer) &&
    (!Array.isArray(tags) || (new Set(tags).size === new Set(finding.tags).size && finding.tags.every((tag) => tags.includes(tag))))
  );
}

/** @param {Line} line @returns {NoteEntry} */
const noteOf = (line) => ({
  id: textOf(line, 'id') ?? '',
  text: textOf(line, 'text') ?? '',
  author: textOf(line, 'author') ?? '',
  time: textOf(line, 'time'),
  edited_time: null,
  edited_by: null,
  tag: textOf(line, 'tag'),
  step: typeof line['step'] === 'number' ? line['step'] : null,
  rule: textOf(line, 'rule'),
  layer: textOf(line, 'layer'),
  any_layer: !('layer' in line),
  tags: Array.isArray(line['tags']) ? line['tags'] : null,
});
