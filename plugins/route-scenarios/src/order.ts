/**
 * The usual order. First what a target has to be able to do, then what the request is for. `models` stands for the
 * patterns of `models`: someone who maps `claude-*` and names a target for images means these images, too, while a
 * pattern of the user says more about a small model's name than the pattern for background work does.
 */
export const ORDER = [
  'webSearch',
  'image',
  'longContext',
  'compact',
  'subagent',
  'think',
  'models',
  'background',
] as const;

export type StepName = (typeof ORDER)[number];

/** The names of `first`, then the others in the usual order. */
export function orderOf(first: readonly StepName[] = []): readonly StepName[] {
  return [...first, ...ORDER.filter((name) => !first.includes(name))];
}
