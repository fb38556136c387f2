import { describe, expect, it } from '@jest/globals';
import { errors, type SignalboxError, type Target } from '@signalbox/kit';
import { Failures } from './failures.ts';

const first: Target = { provider: 'a', model: 'x' };
const second: Target = { provider: 'b', model: 'y' };
const third: Target = { provider: 'c', model: 'z' };

type Given = readonly [target: Target, error: SignalboxError, how?: 'skipped' | 'final'];

function told(...given: readonly Given[]) {
  const failures = new Failures(first);
  for (const [target, error, how] of given) {
    failures.add({ target, error, skipped: how === 'skipped', final: how === 'final' });
  }
  return failures.worst();
}

const overflow = errors.contextOverflow('prompt is too long: 20000 tokens > 8192 maximum');
const down = errors.providerOverloaded('Down.');
const refusedKey = errors.providerAuth('The key was refused.');

describe('what the client is told where all targets have failed', () => {
  it('is the only failure as it is', () => {
    expect(told([second, overflow, 'final'])?.error).toBe(overflow);
    expect(told()).toBeUndefined();
  });

  it.each<[string, readonly Given[], string, Target]>([
    [
      'what passes before a fallback’s refusal',
      [
        [first, down],
        [second, overflow],
      ],
      'PROVIDER_OVERLOADED',
      first,
    ],
    [
      'what passes before what lasts',
      [
        [first, refusedKey],
        [second, down],
      ],
      'PROVIDER_OVERLOADED',
      second,
    ],
    [
      'what passes first',
      [
        [first, errors.cutStream('c')],
        [second, down],
      ],
      'CUT_STREAM',
      first,
    ],
    [
      'a timer before a key',
      [
        [first, errors.timeout('HEADERS', 't')],
        [second, refusedKey],
      ],
      'HEADERS_TIMEOUT',
      first,
    ],
    [
      'who was called before who was skipped',
      [
        [first, down, 'skipped'],
        [second, errors.rateLimited('r')],
      ],
      'RATE_LIMITED',
      second,
    ],
    [
      'who was skipped before what lasts',
      [
        [first, down, 'skipped'],
        [second, refusedKey],
      ],
      'PROVIDER_OVERLOADED',
      first,
    ],
    [
      'what the chosen one refused for good',
      [
        [second, down],
        [first, overflow, 'final'],
      ],
      'CONTEXT_OVERFLOW',
      first,
    ],
    [
      'what the chosen one refused, before what lasts elsewhere',
      [
        [first, overflow],
        [second, refusedKey],
      ],
      'CONTEXT_OVERFLOW',
      first,
    ],
    [
      'a key before a fallback’s refusal',
      [
        [first, errors.modelNotFound('n')],
        [second, refusedKey],
        [third, overflow],
      ],
      'MODEL_NOT_FOUND',
      first,
    ],
    [
      'a used-up quota is no pause',
      [
        [first, errors.quotaExhausted('q')],
        [second, down],
      ],
      'PROVIDER_OVERLOADED',
      second,
    ],
    [
      'a provider that says not to come again',
      [
        [first, errors.providerFailed(500, 'f', { shouldRetry: false })],
        [second, down],
      ],
      'PROVIDER_OVERLOADED',
      second,
    ],
  ])('%s', (_name, given, code, target) => {
    const { error, target: of } = told(...given) ?? {};
    expect([error?.code, of]).toEqual([code, target]);
  });

  it('has the shortest wait of those that pass, and no wait of the others', () => {
    const limited = (seconds: number) => errors.rateLimited('slow', { retryAfterSeconds: seconds });
    expect(told([first, limited(20)], [second, limited(3)])?.error).toMatchObject({
      status: 429,
      retryAfterSeconds: 3,
    });
    expect(told([first, down], [second, limited(7)])?.error).toMatchObject({ status: 503, retryAfterSeconds: 7 });
    const never = errors.quotaExhausted('q', { retryAfterSeconds: 1 });
    expect(told([first, down], [second, never])?.error.retryAfterSeconds).toBeUndefined();
    expect(told([first, refusedKey], [second, never])?.error).toMatchObject({
      code: 'PROVIDER_AUTH',
      shouldRetry: false,
    });
  });

  it('names every target with its reason, in words that no client acts on', () => {
    const image = errors.imageRejected('image exceeds 5 MB');
    const { error } = told([first, down], [second, overflow], [third, image], [first, down]) ?? {};
    expect(error?.message).toBe(
      'No target could answer. a/x: Down; b/y: the prompt is longer than its window; c/z: it does not take the images.',
    );
    expect(error?.wire).toBeUndefined();
  });

  it('is the chosen one’s refusal in its own words, on which clients act', () => {
    expect(told([first, overflow], [second, refusedKey])?.error).toBe(overflow);
  });

  it('is bounded', () => {
    const many = Array.from(
      { length: 500 },
      (_, index): Given => [{ provider: 'p', model: `m${index}` }, errors.providerFailed(500, 'x'.repeat(10_000))],
    );
    const { message } = told(...many)?.error ?? down;
    expect(message.length).toBeLessThan(2_000);
    expect(message).toContain('; and 492 more.');
  });
});
