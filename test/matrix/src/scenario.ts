import type { Trial } from './trial.ts';

export interface Scenario {
  readonly name: string;
  /** What is asked and what is checked, for the reader of the table. */
  readonly about: string;
  /** Only one mode: there is no stream of it. */
  readonly wholeOnly?: boolean;
  run(trial: Trial): Promise<void>;
}
