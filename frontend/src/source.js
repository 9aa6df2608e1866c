/** Where the data come from: TensorBoard's routes, or a JSON element of an exported file. */

import { rmsOf, unpack } from './unpack.js';

/** @import { PackedSeries, RunsAnswer, Source, Words } from './routes.js' */
/** @import { Report } from './schema.js' */

/**
 * The plugin's routes, relative to the page, so that a path prefix or a proxy in front of TensorBoard does not matter.
 * @returns {Source}
 */
export function httpSource() {
  return {
    runs: () => getJson('runs', {}),
    report: (runs, language, signal) => getJson('report', { run: runs, lang: [language] }, signal),
    comparisons: (language) => getJson('comparisons', { lang: [language] }),
    series: (run, tag, signal) => getJson('series', { run: [run], tag: [tag] }, signal),
    rms: (run, signal) => getJson('rms', { run: [run] }, signal),
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
  if (response.ok) return;
  const refusal = await response.json().catch(() => null);
  throw new Error(refusal?.error ?? `${response.status} ${response.statusText}`);
}
