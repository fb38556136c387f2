import { describe, expect, it } from '@jest/globals';
import type { ModelInfo } from '@signalbox/kit';
import { findPinned } from './find.ts';
import type { Pinned, PinnedProvider } from './pinned.ts';

const provider = (models: readonly ModelInfo[], more: Partial<PinnedProvider> = {}): PinnedProvider => ({
  models: new Map(models.map((info) => [info.id, info])),
  closed: false,
  vendors: {},
  ...more,
});
const prices = { input: 1, output: 2 };
const pinned: Pinned = new Map([
  [
    'anthropic',
    provider([{ id: 'claude-opus-5-5', contextTokens: 1000, prices, capabilities: { images: true } }], {
      closed: true,
    }),
  ],
  [
    'openai',
    provider(
      [
        { id: 'gpt-5', contextTokens: 400, prices },
        { id: 'gpt-5-2025-08-07', contextTokens: 399, prices },
      ],
      { closed: true },
    ),
  ],
  ['qwen', provider([{ id: 'qwen3-32b', contextTokens: 131, prices }])],
  [
    'openrouter',
    provider([{ id: 'deepseek/deepseek-v4-pro', contextTokens: 50, maxOutputTokens: 5, prices }], {
      vendors: { anthropic: 'anthropic', qwen: 'qwen' },
    }),
  ],
]);
const find = (name: string | undefined, id: string) => findPinned(pinned, name, id);

describe('findPinned', () => {
  it('goes by provider and id', () => {
    expect(find('openai', 'gpt-5')).toEqual({ id: 'gpt-5', contextTokens: 400, prices });
    expect(find('openai', 'gpt-5-2025-08-07')?.contextTokens).toBe(399);
    expect(find('anthropic', 'gpt-5')).toBeUndefined();
    expect(find('openai', 'gpt-50')).toBeUndefined();
  });

  it.each(['claude-opus-5-5-20260922', 'claude-opus-5-5-2026-09-22', 'claude-opus-5-5-latest'])(
    'takes a snapshot for its model: %s',
    (id) => {
      expect(find('anthropic', id)).toEqual({ id, contextTokens: 1000, prices, capabilities: { images: true } });
    },
  );

  it.each(['claude-opus-5-5-fast', 'claude-opus-5-5-1', 'claude-opus-5-5-19990101', 'claude-opus-5'])(
    'does not take another model for it: %s',
    (id) => {
      expect(find('anthropic', id)).toBeUndefined();
    },
  );

  it('knows what the variants of a router change', () => {
    const base = 'deepseek/deepseek-v4-pro';
    expect(find('openrouter', `${base}:free`)).toEqual({
      id: `${base}:free`,
      contextTokens: 50,
      maxOutputTokens: 5,
      prices: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0 },
    });
    expect(find('openrouter', `${base}:nitro`)).toEqual({ id: `${base}:nitro`, contextTokens: 50, maxOutputTokens: 5 });
    expect(find('openrouter', `${base}:extended`)).toEqual({ id: `${base}:extended`, maxOutputTokens: 5 });
    expect(find('openrouter', `${base}:8b`)).toBeUndefined();
  });

  it('F41 knows a vendor’s model behind a router, but not the router’s price', () => {
    const known = { contextTokens: 1000, capabilities: { images: true } };
    expect(find('openrouter', 'anthropic/claude-opus-5.5')).toEqual({ id: 'anthropic/claude-opus-5.5', ...known });
    expect(find('openrouter', 'anthropic/claude-opus-5-5')).toEqual({ id: 'anthropic/claude-opus-5-5', ...known });
    expect(find('openrouter', 'qwen/qwen3-32b')).toEqual({ id: 'qwen/qwen3-32b', contextTokens: 131 });
    expect(find('openrouter', 'anthropic/claude-opus-5.5:free')?.prices?.input).toBe(0);
    expect(find('openrouter', 'nobody/claude-opus-5.5')).toBeUndefined();
    expect(find('openrouter', 'toString/x')).toBeUndefined();
  });

  it('F41 knows of an unknown provider only what nobody else can run, and never its price', () => {
    expect(find(undefined, 'gpt-5')).toEqual({ id: 'gpt-5', contextTokens: 400 });
    expect(find(undefined, 'anthropic/claude-opus-5.5')?.contextTokens).toBe(1000);
    expect(find(undefined, 'claude-opus-5-5:free')?.prices).toBeUndefined();
    expect(find(undefined, 'qwen3-32b')).toBeUndefined();
    expect(find(undefined, 'qwen/qwen3-32b')).toBeUndefined();
    expect(find(undefined, 'llama3.3:70b')).toBeUndefined();
  });
});
