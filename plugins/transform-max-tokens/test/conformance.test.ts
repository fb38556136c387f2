import { describeTransform } from '@signalbox/testkit/suites';
import maxTokens from '../src/index.ts';

const budget = (budgetTokens: number) => ({ mode: 'budget', budgetTokens }) as const;

describeTransform(maxTokens, {
  config: { limits: { 'deepseek/*': 8_192, 'deepseek/deepseek-v4-*': 64_000, '*/tiny': 1_000, 'a/b': 4_000 } },
  requests: [
    {
      name: 'F61 clamps what is over the limit, and says so',
      target: 'deepseek/flash',
      request: { maxOutputTokens: 9_000 },
      expect: { maxOutputTokens: 8_192 },
      notes: ['maxOutputTokens'],
    },
    {
      name: 'F61 gives a request without a limit one',
      target: 'deepseek/flash',
      request: {},
      expect: { maxOutputTokens: 8_192 },
      notes: ['maxOutputTokens'],
    },
    {
      name: 'leaves what is within it',
      target: 'a/b',
      request: { maxOutputTokens: 4_000 },
      expect: undefined,
      notes: [],
    },
    { name: 'leaves other targets', target: 'x/y', request: { maxOutputTokens: 1e6 }, expect: undefined, notes: [] },
    {
      name: 'goes by the pattern with the longest literal start',
      target: 'deepseek/deepseek-v4-pro',
      request: { maxOutputTokens: 1e6 },
      expect: { maxOutputTokens: 64_000 },
    },
    {
      name: 'fits a pattern into the whole name only',
      target: 'a/b-2',
      request: { maxOutputTokens: 1e6 },
      expect: undefined,
    },
    {
      name: 'keeps a reasoning budget below the limit',
      target: 'a/b',
      request: { maxOutputTokens: 32_000, reasoning: budget(31_999) },
      expect: { maxOutputTokens: 4_000, reasoning: budget(2_000) },
      notes: ['maxOutputTokens', 'reasoning.budgetTokens'],
    },
    {
      name: 'leaves a reasoning budget that fits',
      target: 'a/b',
      request: { maxOutputTokens: 32_000, reasoning: budget(2_500) },
      expect: { maxOutputTokens: 4_000 },
      notes: ['maxOutputTokens'],
    },
    {
      name: 'switches reasoning off where the limit leaves no room for it',
      target: 'any/tiny',
      request: { maxOutputTokens: 32_000, reasoning: { ...budget(31_999), effort: 'high' } },
      expect: { maxOutputTokens: 1_000, reasoning: { mode: 'disabled' } },
      notes: ['maxOutputTokens', 'reasoning.budgetTokens'],
    },
  ],
});

describeTransform(maxTokens, {
  config: { limits: { 'a/*': 10_000 }, default: 500 },
  requests: [
    { name: 'has a default for the rest', target: 'b/c', request: {}, expect: { maxOutputTokens: 500 } },
    { name: 'prefers a pattern', target: 'a/c', request: { maxOutputTokens: 9_000 }, expect: undefined },
  ],
});
