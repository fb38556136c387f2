import { describe, expect, it } from '@jest/globals';
import type { HttpProvider, ProviderCall } from '@signalbox/kit';
import { errors } from '@signalbox/kit';
import { brokenLaws, type ProviderLawOptions, providerLaws } from '../src/laws/index.ts';
import { describeProvider } from '../src/suites.ts';
import { type SampleOptions, sampleProvider } from './sample-provider.ts';

const options: ProviderLawOptions = { config: { apiKey: 'sk-secret', baseUrl: 'https://api.example.com' } };

describeProvider(sampleProvider(), options);

const url = (base: string) => `${base}/v1/chat/completions`;
const bearer = (key: string | undefined) => ({ authorization: `Bearer ${key ?? ''}` });

/** One fault each, and a law that must find it. */
const faults: [fault: string, law: RegExp, wrong: (options: SampleOptions) => Partial<HttpProvider>][] = [
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
  it.each(faults)('find a provider that %s', async (_fault, law, wrong) => {
    const names = (await brokenLaws(providerLaws(sampleProvider(wrong), options))).map(({ name }) => name);
    expect(names).toContainEqual(expect.stringMatching(law));
  });

  it('find a schema that takes any key', async () => {
    const names = (await brokenLaws(providerLaws(sampleProvider(undefined, false), options))).map(({ name }) => name);
    expect(names).toEqual([expect.stringMatching(/config schema/)]);
  });

  it('find images that are promised and not sent', async () => {
    const promised = { ...options, supports: { images: true } };
    const names = (await brokenLaws(providerLaws(sampleProvider(), promised))).map(({ name }) => name);
    expect(names).toEqual(['takes images']);
  });

  it('find tools that are refused in silence', async () => {
    const silent = sampleProvider(() => ({ adaptBody: ({ tools: _tools, ...body }) => body }));
    const names = (await brokenLaws(providerLaws(silent, { ...options, supports: { tools: false } }))).map(
      ({ name }) => name,
    );
    expect(names).toEqual(['says that it cannot take tools']);
  });

  it('check recorded replies', async () => {
    const fixtures = [{ name: 'cut.m', stream: Buffer.from('data: {"choices":[{"delta":{"content":"x"}}]}\n\n') }];
    const names = (await brokenLaws(providerLaws(sampleProvider(), { ...options, fixtures }))).map(({ name }) => name);
    expect(names).toEqual(['decodes what it recorded']);
  });
});
