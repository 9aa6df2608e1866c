/** Where the data come from: TensorBoard's routes, or a JSON element of an exported file. */

import { rmsOf, unpack } from './unpack.js';

/** @import { PackedSeries, RunsAnswer, Source, Words } from './routes.js' */
/** @import { Report } from './schema.js' */

/**
 * The plugin's routes, relative to the page, so that a path prefix or a proxy in front of TensorBoard does not matter.
 * @returns {Source}
 */
export function httpSource() {
  /** Asks for every step, where they have been read. @type {() => Record<string, string[]>} */
  const steps = () => (source.inFull ? { full: ['1'] } : {});
  /** @type {Source} */
  const source = {
    inFull: false,
    runs: (signal) => getJson('runs', steps(), signal),
    report: (runs, language, signal) => getJson('report', { run: runs, lang: [language], ...steps() }, signal),
    comparisons: (language) => getJson('comparisons', { lang: [language], ...steps() }),
    async series(run, tag, signal) {
      const answer = await getJson('series', { run: [run], tag: [tag], ...steps() }, signal);
      // Very many buckets come packed, as an exported file has them.
      return 'edges' in answer ? unpack(answer) : answer;
    },
    rms: (run, signal) => getJson('rms', { run: [run], ...steps() }, signal),
    exportSize: async (target, signal) => {
      const response = await fetch(target, { method: 'HEAD', cache: 'no-store', signal }).catch((error) => {
        throw signal.aborted ? error : new Unreachable(String(error));
      });
      if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
      return Number(response.headers.get('X-Histinsight-Bytes'));
    },
    full: () => getJson('full', {}),
    async readFully(what) {
      const { token } = await getJson('full', {});
      return sendJson('full', what, token);
    },
    async readOnly(run) {
      return (await getJson('notes', { run: [run] })).read_only;
    },
    async write(said) {
      // The token is asked for each time: TensorBoard may have been started anew since the page was loaded.
      const { token } = await getJson('notes', { run: [String(said['run'])] });
      await sendJson('notes', said, token);
    },
    words: (languages) => getJson('words', { lang: [...languages] }),
  };
  return source;
}

/**
 * What an exported file carries within itself.
 * @param {Element} element a script element that holds `{runs, report, words, series: [...]}`: base64 of gzipped JSON
 * @returns {Promise<Source>}
 */
export async function embeddedSource(element) {
  const bytes = Uint8Array.from(atob((element.textContent ?? '').trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  /** @type {{ runs: RunsAnswer, report: Report, words: Words, series: PackedSeries[] }} */
  const data = await new Response(stream).json();
  return {
    inFull: false,
    runs: async () => data.runs,
    report: async (runs) => ({
      ...data.report,
      runs: data.report.runs.filter((entry) => runs.length === 0 || runs.includes(entry.run)),
    }),
    comparisons: async () => ({
      comparisons: data.report.comparisons,
      outcomes: Object.fromEntries(
        data.report.runs.flatMap(({ run, outcomes }) => {
          const outcome = outcomes.find(({ rule }) => rule === 'run-difference');
          return outcome ? [[run, outcome]] : [];
        }),
      ),
    }),
    series: async (run, tag) => {
      const found = data.series.find((series) => series.run === run && series.tag === tag);
      if (!found) throw new MissingSeries();
      return unpack(found);
    },
    rms: async (run) => rmsOf(run, data.series),
    readOnly: async () => '',
    write: async () => {
      throw new Error('read only');
    },
    exportSize: async () => 0,
    full: async () => ({ bytes: {}, read: {}, job: null, trouble: null }),
    readFully: async () => {
      throw new Error('read only');
    },
    words: async () => data.words,
  };
}

/** An exported file does not hold the buckets of every tag. */
export class MissingSeries extends Error {}

/** The server could not be reached at all. */
export class Unreachable extends Error {}

/**
 * @param {string} route
 * @param {Record<string, string[]>} parameters
 * @param {AbortSignal} [signal] gives the request up: nobody waits for the answer any more
 */
async function getJson(route, parameters, signal) {
  const query = new URLSearchParams(
    Object.entries(parameters).flatMap(([name, values]) => values.map((value) => [name, value])),
  );
  const text = query.toString();
  let response;
  try {
    response = await fetch(text ? `${route}?${text}` : route, signal ? { signal } : {});
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Unreachable(String(error));
  }
  const body = await response.json().catch(() => null);
  if (!response.ok || body === null) throw new Error(body?.error ?? `${response.status} ${response.statusText}`);
  return body;
}

/** @param {string} route @param {unknown} body @param {string} token that TensorBoard gave to this page */
async function sendJson(route, body, token) {
  let response;
  try {
    response = await fetch(route, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Histinsight-Token': token },
      body: JSON.stringify(body),
    });
  } catch (error) {
    throw new Unreachable(String(error));
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer;
  throw new Error(answer?.error ?? `${response.status} ${response.statusText}`);
}
