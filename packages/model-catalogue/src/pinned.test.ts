import { describe, expect, it } from '@jest/globals';
import { costOf } from '@signalbox/kit';
import { MalformedList } from './decode.ts';
import { decodePinned, readPinned } from './pinned.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const file = (model: object, provider: object = {}) => ({
  source: 's',
  date: '2026-01-01',
  providers: { p: { source: 's', date: '2026-01-01', models: [model], ...provider } },
});

describe('the shipped catalogue', () => {
  const pinned = readPinned(NOW);

  it('F41 fits its schema and knows the providers', () => {
    expect([...pinned.keys()]).toEqual([
      'anthropic',
      'openai',
      'gemini',
      'deepseek',
      'openrouter',
      'groq',
      'mistral',
      'xai',
      'moonshot',
      'zai',
      'qwen',
    ]);
    expect(pinned.get('openrouter')?.models.size).toBeGreaterThanOrEqual(60);
  });

  it('F97 knows the window of the models that the default preset uses', () => {
    for (const [provider, model] of [
      ['anthropic', 'claude-sonnet-5-5'],
      ['anthropic', 'claude-haiku-4-5-20251001'],
      ['openrouter', '~anthropic/claude-sonnet-latest'],
      ['deepseek', 'deepseek-v4-pro'],
      ['deepseek', 'deepseek-flash'],
      ['openai', 'gpt-6.1-sol'],
      ['openai', 'gpt-6-luna'],
    ] as const) {
      expect([model, pinned.get(provider)?.models.get(model)?.contextTokens]).toEqual([model, expect.any(Number)]);
    }
  });

  it('F41 bills what Anthropic keeps for an hour at twice the input', () => {
    const usage = { promptTokens: 100_000, cacheWriteTokens: 90_000, cacheWrite1hTokens: 90_000, completionTokens: 0 };
    const { prices = {} } = pinned.get('anthropic')?.models.get('claude-opus-4-8') ?? {};
    expect(costOf(usage, prices)).toBeCloseTo(10_000 * 5e-6 + 90_000 * 10e-6, 12);
  });

  it('says nothing impossible of any model', () => {
    for (const [provider, { models, vendors }] of pinned) {
      for (const { id, contextTokens = Infinity, maxOutputTokens = 0, prices = {} } of models.values()) {
        const at = `${provider}/${id}`;
        expect([at, maxOutputTokens <= contextTokens || at]).toEqual([at, true]);
        for (const { input = 0, output = 0, cacheRead = 0, cacheWrite = input } of [prices, ...(prices.tiers ?? [])]) {
          expect([at, output >= input, cacheRead <= input, cacheWrite >= input]).toEqual([at, true, true, true]);
        }
      }
      for (const vendor of Object.values(vendors)) expect(pinned.has(vendor)).toBe(true);
    }
  });

  it('F31 bills an answer as its provider does', () => {
    const prices = pinned.get('anthropic')?.models.get('claude-haiku-5-5')?.prices ?? {};
    const usage = { promptTokens: 100_000, cacheReadTokens: 90_000, completionTokens: 1_000 };
    expect(costOf(usage, prices)).toBeCloseTo((10_000 * 0.1 + 90_000 * 0.01 + 1_000 * 0.5) / 1e6, 12);
    expect(costOf({ ...usage, promptTokens: 100_001 }, prices)).toBeCloseTo(
      (10_001 * 0.5 + 90_000 * 0.05 + 1_000 * 2.5) / 1e6,
      12,
    );
  });

  it('takes over a price change on its day', () => {
    const price = (day: string) => readPinned(new Date(day)).get('gemini')?.models.get('gemini-4-argon')?.prices?.input;
    expect([price('2026-11-30T23:59:59Z'), price('2026-12-01T00:00:00Z')]).toEqual([2, 4]);
  });
});

describe('decodePinned', () => {
  it('reads a file that fits', () => {
    const { models, closed } =
      decodePinned(file({ id: 'm', date: '2026-01-01' }, { closed: true }), NOW).get('p') ?? {};
    expect([models?.get('m'), closed]).toEqual([{ id: 'm' }, true]);
  });

  it.each<[string, unknown]>([
    ['an unknown key', file({ id: 'm', price: {} })],
    ['no id', file({ displayName: 'm' })],
    ['a negative price', file({ id: 'm', prices: { input: -1 } })],
    ['a price as text', file({ id: 'm', prices: { input: '1' } })],
    ['a price per token times a billion', file({ id: 'm', prices: { input: 1e9 } })],
    ['an unknown price', file({ id: 'm', prices: { inputs: 1 } })],
    ['no window', file({ id: 'm', contextTokens: 0 })],
    ['half a token', file({ id: 'm', maxOutputTokens: 0.5 })],
    ['an unknown ability', file({ id: 'm', capabilities: { image: true } })],
    ['an ability that is no flag', file({ id: 'm', capabilities: { images: 'yes' } })],
    ['tiers out of order', file({ id: 'm', prices: { tiers: [{ abovePromptTokens: 2 }, { abovePromptTokens: 1 }] } })],
    ['a change without a day', file({ id: 'm', priceChanges: [{ input: 1 }] })],
    ['an id twice', file({ id: 'm' }, { models: [{ id: 'm' }, { id: 'm' }] })],
    ['a provider without source', { ...file({ id: 'm' }), providers: { p: { date: '2026-01-01', models: [] } } }],
    ['no date', { source: 's', providers: {} }],
    ['a date in words', { source: 's', date: 'today', providers: {} }],
    ['no object', []],
  ])('F41 refuses a file with %s', (_what, value) => {
    expect(() => decodePinned(value, NOW)).toThrow(MalformedList);
  });
});
