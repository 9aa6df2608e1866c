/**
 * The little Markdown that notes may use: paragraphs, lists, **bold**, *italic*, `code`, and links to the web. Gives
 * plain data; whoever draws it makes text nodes of the texts, so that nothing in a note is ever obeyed.
 */

/**
 * @typedef {{ kind: 'text' | 'bold' | 'italic' | 'code', text: string } | { kind: 'link', text: string, href: string }} Piece
 * @typedef {{ kind: 'paragraph' | 'list', lines: Piece[][] }} Block
 */

const PIECE = /`([^`]+)`|\*\*([^*]+)\*\*|(?<![\w*])\*([^*\s](?:[^*]*[^*\s])?)\*(?![\w*])|\[([^\]]+)\]\((https?:\/\/[^\s()<>]+)\)|(https?:\/\/[^\s<>()"'`]*[^\s<>()"'`.,;:!?])/g;
const BULLET = /^\s*[-*]\s+/;

/** @param {string} text @returns {Block[]} */
export function blocks(text) {
  /** @type {Block[]} */
  const found = [];
  let fresh = true;
  for (const line of text.split(/\r\n|[\n\r]/)) {
    if (line.trim() === '') {
      fresh = true;
      continue;
    }
    const kind = BULLET.test(line) ? 'list' : 'paragraph';
    const shown = pieces(kind === 'list' ? line.replace(BULLET, '') : line);
    const open = found[found.length - 1];
    if (open && !fresh && open.kind === kind) open.lines.push(shown);
    else found.push({ kind, lines: [shown] });
    fresh = false;
  }
  return found;
}

/** @param {string} line @returns {Piece[]} */
export function pieces(line) {
  /** @type {Piece[]} */
  const found = [];
  let done = 0;
  for (const match of line.matchAll(PIECE)) {
    if (match.index > done) found.push({ kind: 'text', text: line.slice(done, match.index) });
    const [whole, code, bold, italic, label, href, bare] = match;
    if (code !== undefined) found.push({ kind: 'code', text: code });
    else if (bold !== undefined) found.push({ kind: 'bold', text: bold });
    else if (italic !== undefined) found.push({ kind: 'italic', text: italic });
    else found.push({ kind: 'link', text: label ?? bare ?? '', href: href ?? bare ?? '' });
    done = match.index + whole.length;
  }
  if (done < line.length) found.push({ kind: 'text', text: line.slice(done) });
  return found;
}
