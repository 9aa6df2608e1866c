/** What the other routes answer; tb_histinsight/http_api.md describes them with examples. */
import type { ComparisonEntry, OutcomeEntry, Report, SkippedEntry } from './schema.js';

export interface RunInfo {
  run: string;
  tags: number;
  last_step: number | null;
  version: string;
}
export interface RunsAnswer {
  runs: RunInfo[];
  skipped: SkippedEntry[];
  /** what is wrong with the files of settings, a sentence each */
  problems?: string[];
  /** tells this log from others, for what a browser keeps of it; '' or not there: nothing can be kept */
  log?: string;
  plugin_version: string;
}
export interface ComparisonsAnswer {
  comparisons: ComparisonEntry[];
  /** what became of the rule `run-difference`, by run */
  outcomes: Record<string, OutcomeEntry>;
}
export type Layout = 'equal' | 'exponential' | 'other';
export interface Series {
  run: string;
  tag: string;
  layout: Layout;
  steps: number[];
  wall_times: number[];
  total_steps: number | null;
  offsets: number[];
  left: number[];
  right: number[];
  count: number[];
  /** null: some values were not finite, nobody knows how many */
  non_finite: (number | null)[];
  shapes: string[];
  /** per step the nine percentiles of Distributions; null where the step is empty */
  percentiles: ((number | null)[] | null)[];
  stats: { mean: (number | null)[]; std: (number | null)[]; rms: (number | null)[] };
}
/** Root mean squares of every tag of a run over its steps, in depth order. */
export interface RmsAnswer {
  run: string;
  /** tags with the same steps share a list of them */
  steps: number[][];
  tags: { tag: string; steps: number; rms: (number | null)[] }[];
}
/** A sample of a tag's steps as an exported file carries it; `unpack.js` makes a Series of it. */
export interface PackedSeries {
  run: string;
  tag: string;
  layout: Layout;
  steps: number[];
  wall_times: number[];
  total_steps: number;
  shapes: string[];
  lengths: number[];
  /** equal, ladder: `low` and `high` are the outer edges of each step; touching: `high` are all right edges */
  edges: 'equal' | 'ladder' | 'touching' | 'any';
  /** ladder: the edges between two buckets */
  rungs?: string;
  low: string;
  high: string;
  count: string;
  percentiles: string;
  mean: string;
  std: string;
  rms: string;
  non_finite: string;
}
/** Reading the event files at full resolution: what can be read, what was, and what is being read. */
export interface FullAnswer {
  /** of the event files by run; a run whose files are not on the server's machine is not there */
  bytes: Record<string, number>;
  read: Record<string, { time: string; bytes: number; stale: boolean }>;
  job: { runs: string[]; runs_done: number; tags_done: number } | null;
  /** why the last reading ended early */
  trouble: { kind: 'died' | 'full' | 'unreadable'; run: string; detail: string } | null;
}
export interface Named {
  name: string;
  about: string;
}
export interface RuleWords {
  title: string;
  what: string;
  why: string;
}
export interface Words {
  language: string;
  languages: Record<string, string>;
  shapes: Record<string, Named>;
  changes: Record<string, Named>;
  roles: Record<string, Named>;
  severities: Record<string, Named>;
  confidences: Record<string, Named>;
  rules: Record<string, RuleWords>;
  interface: Record<string, string>;
  /** by the units of evidence; `{count}` is the number */
  units: Record<string, string>;
  /** how percentages, lists and sentences behind each other are written: "{number} %", ", ", "{first} {second}" */
  writing: { per_cent: string; separator: string; pair: string };
}

/** Where the data come from: TensorBoard's routes, or a script element of an exported file. */
export interface Source {
  /** whether answers are to be made of every step, where a run has been read in full */
  inFull: boolean;
  runs(signal?: AbortSignal): Promise<RunsAnswer>;
  report(runs: string[], language: string, signal?: AbortSignal): Promise<Report>;
  /** all runs beside each other */
  comparisons(language: string): Promise<ComparisonsAnswer>;
  series(run: string, tag: string, signal?: AbortSignal): Promise<Series>;
  rms(run: string, signal?: AbortSignal): Promise<RmsAnswer>;
  /** why nothing can be written on this run, in a sentence; null: it can */
  readOnly(run: string): Promise<string | null>;
  /** adds, changes or takes away a note or a mark */
  write(said: Record<string, unknown>): Promise<void>;
  /** bytes of an exported file, which is made for it */
  exportSize(target: string, signal: AbortSignal): Promise<number>;
  full(): Promise<FullAnswer>;
  /** `{read: [runs]}` or `{cancel: true}` */
  readFully(what: Record<string, unknown>): Promise<FullAnswer>;
  /** in the first of these languages that there is */
  words(languages: readonly string[]): Promise<Words>;
}

/** What a view's address is made of; short readable keys, all optional. */
export type Address = Readonly<Record<string, string>>;

/** What the page around the tab offers: TensorBoard, or nothing (an exported file). */
export interface Host {
  readonly name: 'tensorboard' | 'page';
  isDark(): boolean;
  onDarkChange(listener: () => void): void;
  readAddress(): Address;
  /** `push`: a new entry in the history; otherwise the present one is replaced. */
  writeAddress(address: Address, push: boolean): void;
  onAddressChange(listener: () => void): void;
  /** URL that opens exactly this view. */
  linkTo(address: Address): string;
  /** Called whenever TensorBoard has reloaded its data. */
  onReload(listener: () => void): void;
  /** URL of one of TensorBoard's own dashboards, showing this tag; null where there is none. */
  stockLink(dashboard: 'histograms' | 'distributions', tag: string): string | null;
}

export type Load<T> =
  | { kind: 'loading' }
  | { kind: 'failed'; message: string }
  | { kind: 'ready'; value: T };
