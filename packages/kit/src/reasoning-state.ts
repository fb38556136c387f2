import type { ReasoningState } from '@signalbox/spec';

/**
 * Whether a state holds anything that could be lost. That of a wire without signatures only names its origin: its `data` is
 * `{}`.
 */
export function saysSomething(state: ReasoningState | undefined): state is ReasoningState {
  if (state === undefined) return false;
  const { data } = state;
  return typeof data !== 'object' || data === null || Array.isArray(data) || Object.keys(data).length > 0;
}
