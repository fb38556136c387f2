import { describe, expect, it } from '@jest/globals';
import type { JsonObject, ModelInfo } from '@signalbox/kit';
import { ollama } from './index.ts';

const MODELS: ModelInfo[] = [
  {
    id: 'openrouter/z-ai/glm-5:free',
    displayName: 'GLM 5',
    ownedBy: 'openrouter',
    contextTokens: 200_000,
    capabilities: { tools: true, images: true, reasoning: true },
  },
  { id: 'plain' },
  { id: 'local/x:latest', capabilities: { tools: false, images: false } },
];
const respond = (path: string, body: JsonObject = {}) =>
  ollama.ingress
    .find((route) => route.path === path)
    ?.respond?.({ params: {}, query: {}, principal: undefined, body, models: MODELS, version: '0.1.0' });

describe('what clients ask before they chat', () => {
  it('F97 is a model’s window and abilities, under its architecture', () => {
    const shown = respond('/api/show', { model: 'openrouter/z-ai/glm-5:free' }) ?? {};
    const facts = shown.model_info as JsonObject;
    expect(facts[`${String(facts['general.architecture'])}.context_length`]).toBe(200_000);
    expect(facts['general.basename']).toBe('GLM 5');
    expect(shown).toMatchObject({
      capabilities: ['completion', 'tools', 'vision', 'thinking'],
      details: { family: 'openrouter', families: ['openrouter'] },
    });
  });

  it('has tools unless they are known to be missing, and takes old words and the default tag', () => {
    expect(respond('/api/show', { name: 'plain' })?.capabilities).toEqual(['completion', 'tools']);
    expect(respond('/api/show', { model: 'plain:latest' })?.capabilities).toEqual(['completion', 'tools']);
    expect(respond('/api/show', { model: 'local/x' })?.capabilities).toEqual(['completion']);
  });

  it('is a 404 for a model that is not in the lists, and a 400 without a name', () => {
    expect(() => respond('/api/show', { model: 'nope' })).toThrow(
      expect.objectContaining({ status: 404, message: "model 'nope' not found" }),
    );
    expect(() => respond('/api/show')).toThrow(expect.objectContaining({ status: 400 }));
  });

  it('is a list with everything that Ollama’s own clients print', () => {
    const { models } = ollama.encodeModels(MODELS) as { models: JsonObject[] };
    expect(models.map(({ name }) => name)).toEqual(MODELS.map(({ id }) => id));
    for (const entry of models) {
      expect(String(entry.digest)).toMatch(/^[0-9a-f]{64}$/);
      expect(Number.isNaN(Date.parse(String(entry.modified_at)))).toBe(false);
      expect(entry).toMatchObject({ size: 0, model: entry.name, details: { family: expect.any(String) } });
    }
  });

  it('is a version that is new enough, and no model in memory', () => {
    const [major, minor] = String(respond('/api/version')?.version).split('.').map(Number);
    expect((major ?? 0) * 1_000 + (minor ?? 0)).toBeGreaterThan(12);
    expect(respond('/api/ps')).toEqual({ models: [] });
  });
});

it.each<[string, Record<string, string>, boolean]>([
  ['/api/chat', {}, true],
  ['/api/nothing', {}, true],
  ['/v1/models', { 'user-agent': 'ollama-js/0.6.4 (x64 linux Node.js/v24)' }, true],
  ['/', { 'user-agent': 'ollama/0.32.1 (amd64 linux) Go/go1.26' }, true],
  ['/v1/models', { 'user-agent': 'curl/8' }, false],
])('%s with %j is a client of Ollama’s: %s', (path, headers, expected) => {
  expect(ollama.recognises({ method: 'GET', path, headers })).toBe(expected);
});
