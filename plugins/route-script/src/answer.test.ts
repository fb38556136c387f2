import { describe, expect, it } from '@jest/globals';
import { readAnswer } from './answer.ts';

const read = (answer: unknown) => readAnswer(answer, 'route.ts', (name) => name === 'a' || name === 'b');
const X = { provider: 'a', model: 'x' };

describe('readAnswer', () => {
  it.each([
    ['a/x', [X], 'route.ts chose it'],
    ['a,x', [X], 'route.ts chose it'],
    [X, [X], 'route.ts chose it'],
    [{ ...X, more: 1 }, [X], 'route.ts chose it'],
    [{ targets: ['a/x', { provider: 'b', model: 'y/z' }] }, [X, { provider: 'b', model: 'y/z' }], 'route.ts chose it'],
    [{ targets: ['a/x'], reason: 'it is night' }, [X], 'route.ts: it is night'],
  ])('takes %j', (answer, targets, reason) => {
    expect(read(answer)).toEqual({ targets, reason });
  });

  it('takes the key of a target, and what else a plan says', () => {
    const policies = { scenario: 'night', retry: { maxRetries: 2 }, moveOn: ['RATE_LIMITED'], onCut: 'continue' };
    const plan = { targets: [{ ...X, key: '2' }], ...policies, hedge: { afterMs: 500 } };
    expect(read(plan)).toEqual({ ...plan, reason: 'route.ts chose it' });
  });

  it.each([undefined, null])('takes %j for no opinion', (answer) => {
    expect(read(answer)).toBeUndefined();
  });

  it.each([
    ['gpt', 'a target is "provider/model" or {provider, model}, not "gpt"'],
    ['', 'not ""'],
    [42, 'not one of type number'],
    [true, 'not one of type boolean'],
    [['a/x'], 'not one of type array'],
    [{}, 'not one of type object'],
    [{ provider: 'a', model: '' }, 'not one of type object'],
    [{ targets: [] }, 'targets must be a list that is not empty'],
    [{ targets: 'a/x' }, 'targets must be a list'],
    [{ targets: ['a/x', null] }, 'not null'],
    [{ targets: ['a/x'], reason: 1 }, 'reason must be a text'],
    ['nowhere/x', 'no provider is called "nowhere" (target "nowhere/x")'],
    [{ targets: ['a/x', 'nowhere/y'] }, 'no provider is called "nowhere"'],
    [{ ...X, key: 1 }, 'not one of type object'],
    [{ targets: ['a/x'], target: 'b/y' }, 'a plan has no "target"'],
    [{ targets: ['a/x'], constructor: 1 }, 'a plan has no "constructor"'],
    [{ targets: ['a/x'], onCut: 'retry' }, 'onCut must be "fail" or "continue"'],
    [{ targets: ['a/x'], moveOn: 'RATE_LIMITED' }, 'moveOn must be a list of error codes'],
    [{ targets: ['a/x'], hedge: {} }, 'hedge must be { afterMs }'],
    [{ targets: ['a/x'], hedge: { afterMs: -1 } }, 'hedge must be { afterMs }'],
    [{ targets: ['a/x'], retry: { maxRetries: NaN } }, 'retry must be { maxRetries'],
    [{ targets: ['a/x'], retry: { times: 1 } }, 'retry must be { maxRetries'],
  ])('refuses %j', (answer, message) => {
    expect(() => read(answer)).toThrow(message);
  });
});
