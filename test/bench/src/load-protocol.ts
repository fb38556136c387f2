/** A load as the generator's process is told. Exactly one of `durationMs` and `requests` ends it. */
export interface LoadCommand {
  readonly type: 'run';
  readonly port: number;
  readonly path: string;
  readonly body: string;
  /** Beside those that every client sends, as lines. */
  readonly headers?: readonly string[];
  /** Whether a header names the session. Default: yes. */
  readonly session?: boolean;
  readonly connections: number;
  readonly durationMs?: number;
  /** Answers to wait for, over all connections. */
  readonly requests?: number;
  /** Over all connections, at even distances; without it each connection asks again as soon as it was answered. */
  readonly ratePerSecond?: number;
  /** The connections begin spread over this time, so that they do not move in step. */
  readonly spreadMs?: number;
  /** Text whose first arrival is timed. */
  readonly mark?: string;
  readonly keepBodies?: boolean;
}

export interface LoadResult {
  readonly type: 'result';
  /** Answers with status 200 within `elapsedMs`, of which there is one at least where any came. */
  readonly answered: number;
  /** Everything else, those that came late included in neither. */
  readonly failed: number;
  /** The first failure, for the report. */
  readonly failure: string | undefined;
  /** All answers, late ones included: what the target worked for. */
  readonly worked: number;
  /** `durationMs`, or until the first answer where that took longer; with `requests`, until the last answer. */
  readonly elapsedMs: number;
  readonly latenciesMs: readonly number[];
  readonly marksMs: readonly number[];
  readonly bodies: readonly string[];
}

/** Opens connections whose streams do not end, and keeps them until `release`. */
export interface HoldCommand extends Pick<LoadCommand, 'port' | 'path' | 'body' | 'headers' | 'connections'> {
  readonly type: 'hold';
  readonly mark: string;
}

export type GeneratorCommand = LoadCommand | HoldCommand | { readonly type: 'release' };
export type GeneratorReply =
  | LoadResult
  | { readonly type: 'held' | 'released' }
  | { readonly type: 'failed'; readonly message: string };
