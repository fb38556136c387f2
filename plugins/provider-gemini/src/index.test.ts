import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { agentRequest, callOf, createProvider, send, userRequest } from '@signalbox/testkit';
import gemini from './index.ts';

const MODEL = 'gemini-3.8-flash';
const create = (more: JsonObject = {}) => createProvider(gemini, { apiKey: 'AIza-key', ...more });
const endpoint = async (options: JsonObject, call: object = {}) =>
  (await createProvider(gemini, options)).endpoint(callOf(userRequest(MODEL), call));

describe('the call', () => {
  it.each([
    [undefined, 'https://generativelanguage.googleapis.com/v1beta'],
    ['https://proxy.example/', 'https://proxy.example/v1beta'],
    ['https://proxy.example/gemini/v1', 'https://proxy.example/gemini/v1'],
    ['https://proxy.example/v1alpha/', 'https://proxy.example/v1alpha'],
  ])('goes to the base URL %s', async (baseUrl, base) => {
    const options = { apiKey: 'AIza-key', ...(baseUrl === undefined ? {} : { baseUrl }) };
    expect((await endpoint(options)).url).toBe(`${base}/models/${MODEL}:generateContent`);
    expect((await endpoint(options, { stream: true })).url).toBe(
      `${base}/models/${MODEL}:streamGenerateContent?alt=sse`,
    );
    expect((await endpoint(options, { operation: 'count-tokens' })).url).toBe(`${base}/models/${MODEL}:countTokens`);
  });

  it.each([
    ['tunedModels/my-model', 'tunedModels/my-model'],
    ['models/gemini-2.5-pro', 'models/gemini-2.5-pro'],
    ['../../v1/files', 'models/..%2F..%2Fv1%2Ffiles'],
    ['a?key=b#c', 'models/a%3Fkey%3Db%23c'],
    ['models/../files', 'models/..%2Ffiles'],
  ])('F101 keeps the model %s inside its place in the path', async (model, path) => {
    const { url } = await endpoint({ apiKey: 'k' }, { model });
    expect(new URL(url).pathname).toBe(`/v1beta/${path}:generateContent`);
  });

  it('has the key in a header, and more headers where they are given', async () => {
    expect((await endpoint({ apiKey: 'AIza-key', headers: { 'x-goog-user-project': 'p' } })).headers).toEqual({
      'x-goog-api-key': 'AIza-key',
      'x-goog-user-project': 'p',
    });
    const several = { apiKeys: ['one', 'two'] };
    expect((await endpoint(several, { key: '2' })).headers).toEqual({ 'x-goog-api-key': 'two' });
  });

  it('does not start without a key', async () => {
    await expect(createProvider(gemini, {})).rejects.toThrow('apiKey');
  });
});

describe('Vertex AI', () => {
  const vertex = { project: 'my-project', location: 'europe-west4', accessToken: 'ya29.token' };

  it.each([
    ['europe-west4', 'https://europe-west4-aiplatform.googleapis.com'],
    ['global', 'https://aiplatform.googleapis.com'],
    ['eu', 'https://aiplatform.eu.rep.googleapis.com'],
  ])('is reached at its place: %s', async (location, host) => {
    expect(await endpoint({ vertex: { ...vertex, location } })).toEqual({
      url: `${host}/v1beta1/projects/my-project/locations/${location}/publishers/google/models/${MODEL}:generateContent`,
      headers: { authorization: 'Bearer ya29.token' },
    });
  });

  it('takes an API key in express mode', async () => {
    expect(await endpoint({ apiKey: 'AQ.key', vertex: { location: 'global' } })).toEqual({
      url: `https://aiplatform.googleapis.com/v1beta1/publishers/google/models/${MODEL}:generateContent`,
      headers: { 'x-goog-api-key': 'AQ.key' },
    });
  });

  it('takes the caller’s own token', async () => {
    const { accessToken: _, ...place } = vertex;
    const options = { vertex: place, forwardCallerKey: true };
    expect((await endpoint(options, { principal: { id: 'me', credential: 'ya29.mine' } })).headers).toEqual({
      authorization: 'Bearer ya29.mine',
    });
  });

  it.each([
    [{ vertex: { project: 'p', location: 'global' } }, 'accessToken'],
    [{ vertex: { ...vertex, accessTokenFile: 'x' } }, 'accessToken'],
    [{ apiKey: 'k', vertex }, 'vertex.project'],
    [{ vertex: { location: 'global' } }, 'apiKey'],
  ])('does not start with half of a credential, or with two: %j', async (options, field) => {
    await expect(createProvider(gemini, options)).rejects.toThrow(field);
  });

  it('gets neither call ids nor switches that it does not know', async () => {
    const provider = await createProvider(gemini, { vertex });
    const text = JSON.stringify(send(provider, agentRequest(MODEL)).body);
    expect(text).not.toContain('toolu_');
  });

  it('says nothing about its models’ limits, so it is not asked', async () => {
    expect('fetchModels' in (await createProvider(gemini, { vertex }))).toBe(false);
  });
});

describe('counting tokens', () => {
  const call = callOf(userRequest(MODEL), { operation: 'count-tokens' });
  const body = { contents: [{ parts: [{ text: 'x' }] }], systemInstruction: { parts: [] }, safetySettings: [] };

  it('F27 counts the whole request, under the target’s model', async () => {
    const provider = await create();
    expect(provider.countsTokens).toBe(true);
    expect(provider.adaptBody?.(body, call)).toEqual({ generateContentRequest: { ...body, model: `models/${MODEL}` } });
    const asked = { generateContentRequest: { model: 'models/alias', contents: body.contents } };
    expect(provider.adaptBody?.(asked, call)).toEqual({
      generateContentRequest: { model: `models/${MODEL}`, contents: body.contents },
    });
    expect(provider.adaptBody?.(body, callOf(userRequest(MODEL)))).toBe(body);
    expect([provider.adaptsVerbatim?.(call), provider.adaptsVerbatim?.(callOf(userRequest(MODEL)))]).toEqual([
      true,
      false,
    ]);
  });

  it('gives Vertex AI the parts that it counts', async () => {
    const provider = await createProvider(gemini, { apiKey: 'k', vertex: { location: 'global' } });
    const { safetySettings: _, ...counted } = body;
    expect(provider.adaptBody?.({ generateContentRequest: body }, call)).toEqual(counted);
  });
});

describe('a Gemini client’s own body', () => {
  it.each([
    ['{"contents":[]}', {}, true],
    ['{"thoughtSignature":"QUJD"}', { stream: true, query: 'alt=sse' }, true],
    ['{"thoughtSignature":"c2lnbmFsYm94MS5hbnRocm9waWMuZTMw"}', {}, false],
    ['{"contents":[]}', { stream: true, query: 'key=x' }, false],
    ['{"contents":[]}', { stream: false, query: '' }, true],
  ])(
    'F73 goes as it came, unless it holds others’ reasoning or wants its stream as an array: %s %j',
    async (body, more, accepted) => {
      const call = callOf(userRequest(MODEL), { rawBody: Buffer.from(body), ...more });
      expect((await create()).acceptsVerbatim?.(call)).toBe(accepted);
    },
  );
});

describe('the list of models', () => {
  it('F97 is read page by page, with the limits of those that can chat', async () => {
    const asked: string[] = [];
    const provider = await create();
    const models = await provider.fetchModels?.(async ({ url, headers }) => {
      asked.push(url);
      expect(headers).toEqual({ 'x-goog-api-key': 'AIza-key' });
      const page = asked.length;
      const model = { name: `models/m${page}`, inputTokenLimit: 1_000, outputTokenLimit: 10, thinking: true };
      const embed = { name: 'models/e', supportedGenerationMethods: ['embedContent'] };
      return { models: [model, embed], ...(page === 1 ? { nextPageToken: 'a b' } : {}) };
    });
    expect(asked).toEqual([
      'https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000',
      'https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000&pageToken=a%20b',
    ]);
    const known = { contextTokens: 1_000, maxOutputTokens: 10, ownedBy: 'google', capabilities: { reasoning: true } };
    expect(models).toEqual([
      { id: 'm1', ...known },
      { id: 'm2', ...known },
    ]);
  });

  it('that never ends is not asked for for ever', async () => {
    let pages = 0;
    await (await create()).fetchModels?.(async () => {
      pages++;
      return { models: [], nextPageToken: 'more' };
    });
    expect(pages).toBe(20);
  });

  it('is not asked for with nobody’s key', async () => {
    expect('fetchModels' in (await createProvider(gemini, { forwardCallerKey: true }))).toBe(false);
  });
});

it('F69 keeps the signatures of calls for clients that lose them', async () => {
  const provider = await create();
  const parts = [{ functionCall: { id: 'fc1', name: 'f', args: {} }, thoughtSignature: 'QUJD' }];
  const body = { candidates: [{ content: { parts }, finishReason: 'STOP' }] };
  provider.format.decodeReply(body, {
    toolNames: { original: (name: string) => name },
    reasoningOrigin: 'gemini',
  } as never);
  const history = userRequest(MODEL, {
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'x' }] },
      { role: 'assistant', content: [{ type: 'tool-call', id: 'fc1', name: 'f', input: {} }] },
      { role: 'user', content: [{ type: 'tool-result', callId: 'fc1', content: [] }] },
    ],
  });
  expect(JSON.stringify(send(provider, history).body)).toContain('"thoughtSignature":"QUJD"');
  // Another provider's memory is its own.
  expect(JSON.stringify(send(await create(), history).body)).not.toContain('QUJD');
});
