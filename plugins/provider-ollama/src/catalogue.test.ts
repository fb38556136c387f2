import { describe, expect, it } from '@jest/globals';
import { type AskProvider, errors, type JsonObject } from '@signalbox/kit';
import { Catalogue, fullName } from './catalogue.ts';

const QWEN: JsonObject = {
  capabilities: ['completion', 'tools', 'thinking'],
  parameters: 'stop                           "<|im_end|>"\nnum_ctx                        16384',
  model_info: { 'general.architecture': 'qwen3', 'qwen3.context_length': 40_960 },
};
const LLAVA: JsonObject = {
  capabilities: ['completion', 'vision'],
  model_info: { 'general.architecture': 'llama', 'llama.context_length': 4_096 },
};

function server(tags: JsonObject[] | Error, shows: Record<string, JsonObject | Error>) {
  const asked: string[] = [];
  const ask: AskProvider = async ({ url, body }) => {
    const path = url.replace('http://ollama', '');
    asked.push(body === undefined ? path : `${path} ${String(body.model)}`);
    const answer =
      body === undefined
        ? tags
        : (shows[String(body.model)] ?? errors.modelNotFound(`model '${String(body.model)}' not found`));
    if (answer instanceof Error) throw answer;
    return Array.isArray(answer) ? { models: answer } : answer;
  };
  return { ask, asked };
}

const create = (hosted = false): Catalogue =>
  new Catalogue((path) => ({ url: `http://ollama${path}`, headers: {} }), hosted);

describe('the catalogue', () => {
  it('F97 F35 knows window, abilities and the price of nothing, and asks once per digest', async () => {
    const tags = [
      { name: 'qwen3:8b', digest: 'a' },
      { name: 'llava:latest', digest: 'b' },
    ];
    const { ask, asked } = server(tags, { 'qwen3:8b': QWEN, 'llava:latest': LLAVA });
    const catalogue = create();
    const prices = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0 };
    expect(await catalogue.refresh(ask)).toEqual([
      {
        id: 'qwen3:8b',
        contextTokens: 40_960,
        prices,
        capabilities: { tools: true, reasoning: true, images: false, structuredOutput: true },
      },
      {
        id: 'llava',
        contextTokens: 4_096,
        prices,
        capabilities: { tools: false, reasoning: false, images: true, structuredOutput: true },
      },
    ]);
    expect(catalogue.get('qwen3:8b')?.numCtx).toBe(16_384);
    expect(catalogue.get('llava')?.info.contextTokens).toBe(4_096);
    await catalogue.refresh(ask);
    expect(asked).toEqual(['/api/tags', '/api/show qwen3:8b', '/api/show llava:latest', '/api/tags']);
    tags[0] = { name: 'qwen3:8b', digest: 'c' };
    await catalogue.refresh(ask);
    expect(asked.slice(4)).toEqual(['/api/tags', '/api/show qwen3:8b']);
  });

  it('asks about a model that is wanted and not listed, and leaves it out of the list', async () => {
    const { ask } = server([], { 'gpt-oss:120b-cloud': { ...QWEN, parameters: undefined } });
    const catalogue = create();
    catalogue.want('gpt-oss:120b-cloud');
    expect(await catalogue.refresh(ask)).toEqual([]);
    const known = catalogue.get('gpt-oss:120b-cloud');
    expect(known?.info.contextTokens).toBe(40_960);
    // What a hosted model costs, its plan decides.
    expect(known?.info).not.toHaveProperty('prices');
  });

  it('remembers that a model is missing only until it is asked for again', async () => {
    const shows: Record<string, JsonObject> = {};
    const { ask } = server([], shows);
    const catalogue = create();
    catalogue.want('nope');
    catalogue.want('qwen3:8b');
    shows['qwen3:8b'] = QWEN;
    await catalogue.refresh(ask);
    expect(() => catalogue.refuseMissing('nope')).toThrow("model 'nope:latest' not found");
    expect(() => catalogue.refuseMissing('qwen3:8b')).not.toThrow();
    shows['nope:latest'] = QWEN;
    catalogue.want('nope');
    await catalogue.refresh(ask);
    expect(() => catalogue.refuseMissing('nope')).not.toThrow();
    expect(catalogue.get('nope')).toBeDefined();
  });

  it('goes on without knowledge where a server imitates Ollama in part, and fails where none is reached', async () => {
    const partly = server(errors.modelNotFound('The provider answered 404 without a reason.'), {
      'm:latest': errors.providerFailed(500, 'broken'),
    });
    const catalogue = create();
    catalogue.want('m');
    await catalogue.refresh(partly.ask);
    expect(catalogue.get('m')?.info).toEqual({ id: 'm', prices: expect.anything() });
    const nobody = server(errors.providerUnreachable('refused'), {});
    await expect(create().refresh(nobody.ask)).rejects.toMatchObject({ code: 'PROVIDER_UNREACHABLE' });
  });

  it('reads from the template of an old server whether a model calls tools', async () => {
    const { ask } = server([{ name: 'old', digest: 'a' }], { 'old:latest': { template: '{{ if .Tools }}' } });
    const [model] = await create().refresh(ask);
    expect(model?.capabilities).toEqual({ tools: true });
  });

  it('knows no price of hosted models', () => {
    expect(create(true).pricesOf('qwen3:8b')).toBeUndefined();
    expect(create().pricesOf('qwen3-coder:480b-cloud')).toBeUndefined();
    expect(create().pricesOf('qwen3:8b')).toEqual(expect.objectContaining({ input: 0, output: 0 }));
  });
});

it.each([
  ['llama3', 'llama3:latest'],
  ['llama3:8b', 'llama3:8b'],
  ['host:5000/ns/llama3', 'host:5000/ns/llama3:latest'],
  ['hf.co/x/y:Q4_K_M', 'hf.co/x/y:Q4_K_M'],
])('the full name of %s is %s', (name, full) => {
  expect(fullName(name)).toBe(full);
});
