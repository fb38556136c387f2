import { describe, expect, it } from '@jest/globals';
import type { HttpProvider, ProviderCall } from '@signalbox/kit';
import { errors, Notes } from '@signalbox/kit';
import { brokenLaws, type ProviderLawOptions, providerLaws } from '../src/laws/index.ts';
import { describeProvider } from '../src/suites.ts';
import { type SampleOptions, sampleProvider, tinyChat } from './sample-provider.ts';

const options: ProviderLawOptions = { config: { apiKey: 'sk-secret', baseUrl: 'https://api.example.com' } };

describeProvider(sampleProvider(), options);

const url = (base: string) => `${base}/v1/chat/completions`;
const bearer = (key: string | undefined) => ({ authorization: `Bearer ${key ?? ''}` });

/** A recorded reply that breaks off. */
const CUT = { name: 'cut.m', stream: Buffer.from('data: {"choices":[{"delta":{"content":"x"}}]}\n\n') };

type Wrong = (options: SampleOptions) => Partial<HttpProvider>;

/** One fault each, and a law that must find it. */
const faults: [fault: string, law: RegExp, wrong: Wrong, about?: Partial<ProviderLawOptions>][] = [
  [
    'puts its key in the URL',
    /never in the URL/,
    ({ apiKey, baseUrl }) => ({
      endpoint: () => ({ url: `${url(baseUrl)}?key=${apiKey ?? ''}`, headers: bearer(apiKey) }),
    }),
  ],
  ['sends no key', /key in a header/, ({ baseUrl }) => ({ endpoint: () => ({ url: url(baseUrl), headers: {} }) })],
  [
    'calls another host',
    /URL of its options/,
    ({ apiKey }) => ({ endpoint: () => ({ url: 'http://127.0.0.1:9/v1/chat/completions', headers: bearer(apiKey) }) }),
  ],
  [
    'copies the client’s headers',
    /F101 forwards no credential/,
    ({ apiKey, baseUrl }) => ({
      endpoint: ({ headers }: ProviderCall) => ({
        url: url(baseUrl),
        headers: { ...(headers as Record<string, string>), ...bearer(apiKey) },
      }),
    }),
  ],
  ['changes the body it adapts', /changes no body/, () => ({ adaptBody: (body) => Object.assign(body, { extra: 1 }) })],
  ['adapts the model away', /changes no body/, () => ({ adaptBody: (body) => ({ ...body, model: 'other' }) })],
  [
    'repeats the provider’s words about its key',
    /shows its key in no error/,
    () => ({ refineError: (_error, { body }) => errors.providerFailed(502, body) }),
  ],
  ['passes a 401 on', /blames no client/, () => ({ refineError: () => errors.unauthenticated('Log in.') })],
  ['loses tools', /takes tools/, () => ({ adaptBody: ({ tools: _tools, ...body }) => body })],
  ['promises images and does not send them', /takes images/, () => ({}), { supports: { images: true } }],
  [
    'refuses tools in silence',
    /cannot take tools/,
    () => ({ adaptBody: ({ tools: _tools, ...body }) => body }),
    { supports: { tools: false } },
  ],
  [
    'drops images in silence',
    /cannot take images/,
    () => ({
      format: {
        ...tinyChat,
        encodeRequest: (request, target) => tinyChat.encodeRequest(request, { ...target, notes: new Notes() }),
      },
    }),
  ],
  ['does not decode what it recorded', /what it recorded/, () => ({}), { fixtures: [CUT] }],
  [
    'uses its own key in the caller’s place',
    /forwards the caller/,
    ({ apiKey, baseUrl }) => ({ endpoint: () => ({ url: url(baseUrl), headers: bearer(apiKey) }) }),
  ],
  [
    'forgets extra headers',
    /extra headers/,
    ({ apiKey, baseUrl }) => ({ endpoint: () => ({ url: url(baseUrl), headers: bearer(apiKey) }) }),
  ],
  [
    'asks at another path',
    /whole reply through a real/,
    ({ apiKey, baseUrl }) => ({ endpoint: () => ({ url: `${baseUrl}/v2/ask`, headers: bearer(apiKey) }) }),
  ],
  [
    'takes a busy provider for a broken one',
    /streamed reply through a real/,
    () => ({ refineError: () => errors.providerFailed(502, 'x') }),
  ],
];

describe('providerLaws', () => {
  const brokenIn = async (...[plugin, about]: Parameters<typeof providerLaws>): Promise<string[]> =>
    (await brokenLaws(providerLaws(plugin, about))).map(({ name }) => name);
  const openSchema = sampleProvider(undefined, { closed: false });
  const badName = sampleProvider(undefined, { id: 'My Own' });

  it.each(faults)('find a provider that %s', async (_fault, law, wrong, about = {}) => {
    expect(await brokenIn(sampleProvider(wrong), { ...options, ...about })).toContainEqual(expect.stringMatching(law));
  });

  it('find a schema that takes any key', async () => {
    expect(await brokenIn(openSchema, options)).toEqual([expect.stringMatching(/config schema/)]);
  });

  it('find a name that no config could have', async () => {
    expect(await brokenIn(badName, options)).toEqual([expect.stringMatching(/a name of the form/)]);
  });

  it('can each be broken by one of these', async () => {
    const found = await Promise.all([
      ...faults.map(([, , wrong, about]) => brokenIn(sampleProvider(wrong), { ...options, ...about })),
      brokenIn(openSchema, options),
      brokenIn(badName, options),
    ]);
    const all = [options, { ...options, supports: { images: true, tools: false } }].flatMap((about) =>
      providerLaws(sampleProvider(), about).map(({ name }) => name),
    );
    expect(all.filter((name) => !found.flat().includes(name))).toEqual([]);
  });
});
