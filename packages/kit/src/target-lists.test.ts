import { describe, expect, it } from '@jest/globals';
import { formatTarget, parseTarget } from './strategy.ts';
import { compileTargetLists } from './target-lists.ts';

const host = (...names: readonly string[]) => ({ hasProvider: (name: string) => names.includes(name) });
const LISTS = { 'a/*': ['b/vendor/{model}', 'c/x'], 'a/special': ['c/special'], fast: ['b/fast'], 'c/*': [] };

describe('compileTargetLists', () => {
  const lists = compileTargetLists('larger', LISTS, host('a', 'b', 'c'));
  it.each([
    ['a pattern of the target', 'a/x', 'm', ['b/vendor/x', 'c/x']],
    ['a name before a pattern', 'a/special', 'm', ['c/special']],
    ['the model as asked for', 'b/y', 'fast', ['b/fast']],
    ['an empty list', 'c/x', 'm', []],
    ['nothing', 'b/y', 'm', undefined],
    ['a model with a dollar sign', "a/$'$&", 'm', ["b/vendor/$'$&", 'c/x']],
  ])('finds %s', (_, first, asked, expected) => {
    const target = parseTarget(first) ?? { provider: '', model: '' };
    expect(lists.find(target, asked)?.targets.map(formatTarget)).toEqual(expected);
  });

  it('names every target whose provider does not exist', () => {
    expect(() => lists.check()).not.toThrow();
    expect(() => compileTargetLists('larger', LISTS, host('a', 'c')).check()).toThrow(
      'larger["fast"][0]: no provider is called "b" (target "b/fast"); larger["a/*"][0]: no provider is called "b"',
    );
  });

  it.each([
    [{ x: ['gpt-9'] }, 'larger["x"][0]: a target is written provider/model, not "gpt-9"'],
    [{ x: ['a/x', '{model}/x'] }, 'larger["x"][1]: a target is written provider/model'],
    [{ x: ['b/*'] }, 'larger["x"][0]: "*" stands in patterns only'],
  ])('refuses %j', (bad, message) => {
    expect(() => compileTargetLists('larger', bad, host())).toThrow(message);
  });
});
