import { describe, expect, it } from '@jest/globals';
import type { AskProvider, JsonObject } from '@signalbox/kit';
import { createProvider } from '@signalbox/testkit';
import anthropic from './index.ts';

const OPTIONS = { apiKey: 'sk-ant-api-1', baseUrl: 'https://api.anthropic.com', version: '2026-10-21' };

/** What the provider makes of these pages, and what it asked for. */
const fetchFrom = async (pages: readonly JsonObject[], options: JsonObject = OPTIONS) => {
  const asked: Parameters<AskProvider>[0][] = [];
  const provider = await createProvider(anthropic, options);
  const models = await provider.fetchModels?.(async (endpoint) => {
    asked.push(endpoint);
    return pages[asked.length - 1] ?? { data: [] };
  });
  return { models, asked };
};

describe('Anthropic’s list of models', () => {
  it('gives names, limits and abilities', async () => {
    const { models, asked } = await fetchFrom([
      {
        data: [
          {
            id: 'claude-opus-5-5',
            type: 'model',
            display_name: 'Claude Opus 5.5',
            max_input_tokens: 1_000_000,
            max_tokens: 128_000,
            capabilities: {
              image_input: { supported: true },
              pdf_input: { supported: true },
              structured_outputs: { supported: false },
              thinking: { supported: true, types: {} },
              server_tools: { supported: true, web_search: { supported: true } },
            },
          },
          { id: 'claude-old', display_name: 'Old', max_input_tokens: null, max_tokens: null, capabilities: null },
        ],
        has_more: false,
      },
    ]);
    expect(models).toEqual([
      {
        id: 'claude-opus-5-5',
        displayName: 'Claude Opus 5.5',
        contextTokens: 1_000_000,
        maxOutputTokens: 128_000,
        capabilities: { images: true, documents: true, structuredOutput: false, reasoning: true, webSearch: true },
      },
      { id: 'claude-old', displayName: 'Old' },
    ]);
    expect(asked).toEqual([
      {
        url: 'https://api.anthropic.com/v1/models?limit=1000',
        headers: { 'x-api-key': 'sk-ant-api-1', 'anthropic-version': '2026-10-21' },
      },
    ]);
  });

  it('goes on to the last page', async () => {
    const { models, asked } = await fetchFrom([
      { data: [{ id: 'a' }, { id: 'b' }], has_more: true, last_id: 'b/&' },
      { data: [{ id: 'b' }, { id: 'c' }], has_more: false, last_id: 'c' },
    ]);
    expect(models?.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect(asked[1]?.url).toBe('https://api.anthropic.com/v1/models?limit=1000&after_id=b%2F%26');
  });

  it('ends with a list that never does', async () => {
    const { asked } = await fetchFrom(Array.from({ length: 100 }, () => ({ data: [], has_more: true, last_id: 'x' })));
    expect(asked).toHaveLength(20);
  });

  it('is asked for with an OAuth token as such, and not at all with callers’ keys alone', async () => {
    const { asked } = await fetchFrom([], { ...OPTIONS, apiKey: 'sk-ant-oat-1' });
    expect(asked[0]?.headers).toMatchObject({
      authorization: 'Bearer sk-ant-oat-1',
      'anthropic-beta': 'oauth-2025-04-20',
    });
    const { apiKey: _none, ...rest } = OPTIONS;
    expect('fetchModels' in (await createProvider(anthropic, { ...rest, forwardCallerKey: true }))).toBe(false);
  });
});
