import assert from 'node:assert/strict';

/** One statement about a plugin that can be checked by itself. `check` throws where it does not hold. */
export interface Law {
  readonly name: string;
  readonly check: () => void | Promise<void>;
}

/** The laws that do not hold, with what they threw: for runs outside a test framework. */
export async function brokenLaws(laws: readonly Law[]): Promise<{ name: string; error: unknown }[]> {
  const broken: { name: string; error: unknown }[] = [];
  for (const { name, check } of laws) {
    try {
      await check();
    } catch (error) {
      broken.push({ name, error });
    }
  }
  return broken;
}

/** Freezes a value all the way down: whoever changes it then throws. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}

/** Compares two values; what is to be done about a difference stands beside it. */
export function sameOr(advice: string, actual: unknown, expected: unknown): void {
  try {
    assert.deepEqual(actual, expected);
  } catch (error) {
    if (error instanceof assert.AssertionError) error.message += `\n${advice}`;
    throw error;
  }
}
