import type { Target } from '@signalbox/kit';
import type { Evidence } from './evidence.ts';
import type { TargetTemplate } from './target-template.ts';

/** A target and why. */
export interface Found {
  readonly target: Target;
  readonly reason: string;
  /** The scenario that it is; `undefined` where its name decides. */
  readonly scenario?: string;
}

/** One question of the order. `undefined`: not this one. */
export type Step = (evidence: Evidence) => Found | undefined;

/** Compiles a target of the options; the path is for error messages. */
export type Compile = (path: string, text: string, stars?: number) => TargetTemplate;
