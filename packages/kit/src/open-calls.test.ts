import { describe, expect, it } from '@jest/globals';
import type { ToolResultBlock } from '@signalbox/spec';
import { OpenCalls, pairResults } from './open-calls.ts';

const call = (id: string, name = 'n') => ({ id, name });
const result = (callId: string): { block: ToolResultBlock } => ({
  block: { type: 'tool-result', callId, content: [] },
});

describe('OpenCalls', () => {
  it('gives the call of an id, however often it is asked', () => {
    const calls = new OpenCalls([call('a'), call('b'), call('a', 'other')]);
    expect(calls.take('a')).toEqual(call('a'));
    expect(calls.take('a')).toEqual(call('a'));
    expect(calls.take('c')).toBeUndefined();
  });

  it('gives the calls of a name, and those that are left, in order and once', () => {
    const calls = new OpenCalls([call('a'), call('b', 'm')]);
    calls.add(call('c'));
    expect(calls.takeNamed('n')?.id).toBe('a');
    expect(calls.take('b')?.id).toBe('b');
    expect(calls.takeNamed('m')).toBeUndefined();
    expect(calls.takeFirst()?.id).toBe('c');
    expect(calls.takeFirst()).toBeUndefined();
    expect(calls.takeNamed('n')).toBeUndefined();
  });
});

describe('pairResults', () => {
  it('pairs by id, and those without one with the calls that are left', () => {
    const calls = [call('a'), call(''), call('c'), call('d')];
    const results = [result('c'), result(''), result('x'), result('a'), result(''), result('a')];
    const pairs = pairResults(calls, results);
    expect(calls.map((one) => results.indexOf(pairs.get(one) ?? result('none')))).toEqual([3, 1, 0, 4]);
  });
});

it('very many calls take no longer each', () => {
  const began = process.cpuUsage();
  const many = Array.from({ length: 100_000 }, (_, index) => call(`id ${index}`, `n ${index % 3}`));
  const results = many.toReversed().map(({ id }, index) => result(index % 2 === 0 ? id : ''));
  expect(pairResults(many, results).size).toBe(many.length);
  const calls = new OpenCalls(many);
  for (const { name } of many) calls.takeNamed(name);
  expect(calls.takeFirst()).toBeUndefined();
  expect(process.cpuUsage(began).user / 1_000).toBeLessThan(8_000);
});
