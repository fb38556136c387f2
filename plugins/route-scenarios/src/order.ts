/**
 * The usual order. First what a target has to be able to do, then what the request is for: a small model that thinks is
 * still background work. `models` stands for the patterns of `models`: someone who maps `claude-*` and names a target for
 * images, or for background work, means those of these models, too.
 */
export const ORDER = [
  'webSearch',
  'image',
  'longContext',
  'compact',
  'subagent',
  'background',
  'think',
  'models',
] as const;

export type StepName = (typeof ORDER)[number];

/** The names of `first`, then the others in the usual order. */
export function orderOf(first: readonly StepName[] = []): readonly StepName[] {
  return [...first, ...ORDER.filter((name) => !first.includes(name))];
}
