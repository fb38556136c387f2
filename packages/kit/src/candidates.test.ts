import { describe, expect, it } from '@jest/globals';
import { compileCandidates } from './candidates.ts';
import type { Exchange } from './exchange.ts';
import { parseTarget, targetId } from './strategy.ts';

const host = { hasProvider: (name: string) => name !== 'gone' };
const targetsOf = (...texts: readonly string[]) => texts.flatMap((text) => parseTarget(text) ?? []);
const asking = (model: string, operation: Exchange['operation'] = 'chat') => ({ model, operation }) as Exchange;
const compare = (
  option: Parameters<typeof compileCandidates>[0],
  targets: readonly string[],
  exchange = asking('large-1'),
) => {
  const compared = compileCandidates(option, host).of({ targets: targetsOf(...targets), reason: 'r' }, exchange);
  return compared && [compared.targets.map(targetId), compared.others.map(targetId)];
};
const LISTS = { 'large-*': ['b/{model}', 'c/x', 'c/x'] };

describe('compileCandidates', () => {
  it('gives the targets of the plan', () => {
    expect(compare('auto', ['a/x', 'b/y', 'a/x'])).toEqual([['a/x', 'b/y'], []]);
  });

  it('gives those of a list, each once, and the plan’s other ones', () => {
    expect(compare(LISTS, ['a/x', 'b/x', 'c/z'])).toEqual([
      ['b/x', 'c/x'],
      ['a/x', 'c/z'],
    ]);
    expect(compare(LISTS, ['a/x'], asking('small'))).toBeUndefined();
  });

  it('keeps a target and its keys apart', () => {
    const plan = { targets: [1, 2].map((key) => ({ provider: 'a', model: 'x', key: String(key) })), reason: 'r' };
    expect(compileCandidates('auto', host).of(plan, asking('m'))?.targets).toEqual(plan.targets);
  });

  it('leaves a target that the client named itself, and what is no chat', () => {
    expect(compare('auto', ['a/x', 'b/y'], asking('a/x'))).toBeUndefined();
    expect(compare('auto', ['a/x', 'b/y'], asking('b/y'))).toBeDefined();
    expect(compare('auto', ['a/x', 'b/y'], asking('m', 'count-tokens'))).toBeUndefined();
    expect(compare('auto', [])).toBeUndefined();
  });

  it('chooses by the model as asked for where there is no plan', () => {
    const choose = (option: Parameters<typeof compileCandidates>[0], model: string) =>
      compileCandidates(option, host).choose({ model });
    const choice = choose(LISTS, 'large-1');
    expect(choice?.targets).toEqual(targetsOf('b/large-1', 'c/x', 'c/x'));
    expect(choice?.reason).toBe('"large-1" fits "large-*" in candidates');
    expect(choose(LISTS, 'small')).toBeUndefined();
    expect(choose('auto', 'large-1')).toBeUndefined();
  });

  it('names a target whose provider does not exist', () => {
    expect(() => compileCandidates({ x: ['gone/x'] }, host).check()).toThrow('candidates["x"][0]: no provider');
    expect(() => compileCandidates('auto', host).check()).not.toThrow();
  });
});
