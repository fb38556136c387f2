import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  commonProvider,
  credentialFor,
  defineProvider,
  errors,
  type Format,
  providerOptions,
  Type,
} from '@signalbox/kit';
import { brokenLaws, type ProviderLawOptions, providerLaws } from '../src/laws/index.ts';
import { describeFormat, describeProvider } from '../src/suites.ts';
import { acme } from './toy-format.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

describeFormat(acme, {
  features: {
    images: false,
    documents: false,
    tools: false,
    reasoning: false,
    cacheControl: false,
    sampling: false,
    manyTexts: false,
    cacheUsage: false,
    stopReasons: ['end-turn', 'max-tokens'],
  },
});

const acmeProvider = (path = '/acme/chat', format: Format = acme) =>
  defineProvider({
    id: 'acme',
    configSchema: Type.Object(
      {
        ...providerOptions,
        apiKey: Type.Optional(Type.String({ description: 'Bearer token.' })),
        baseUrl: Type.String({ description: 'Where the provider is.' }),
      },
      { additionalProperties: false },
    ),
    create: (options) => ({
      ...commonProvider(options),
      format,
      endpoint: (call) => ({
        url: `${options.baseUrl}${path}`,
        headers: { ...options.headers, authorization: `Bearer ${credentialFor(call, options)}` },
      }),
    }),
  });
const options: ProviderLawOptions = {
  config: { apiKey: 'sk-test', baseUrl: 'https://api.example.com' },
  supports: { tools: false, reasoning: false },
};

describeProvider(acmeProvider(), options);

describe('a provider that speaks a format of its own', () => {
  const broken = async (...given: Parameters<typeof providerLaws>) =>
    (await brokenLaws(providerLaws(...given))).map(({ name, error }) => `${name}: ${(error as Error).message}`);

  it('is told where the testkit cannot know its path', async () => {
    const found = await broken(acmeProvider('/v9/acme'), options);
    expect(found).toHaveLength(2);
    expect(found[0]).toContain('through a real connection: the testkit has no turns for `POST /v9/acme`');
    expect(await broken(acmeProvider('/v9/acme'), { ...options, chatPath: '/v9/acme' })).toEqual([]);
  });

  it('F101 is found to repeat its key, also where only its own errors hold it', async () => {
    const chatty: Format = {
      ...acme,
      decodeError: (status, headers, body) => {
        const { error } = JSON.parse(body) as { error: unknown };
        return typeof error === 'string' ? errors.providerAuth(error) : acme.decodeError(status, headers, body);
      },
    };
    expect(await broken(acmeProvider('/acme/chat', chatty), options)).toContainEqual(
      expect.stringMatching(/^F101 shows/),
    );
  });
});

it('docs/writing-formats.md shows this very format', () => {
  const blocks = [...read('../../../docs/writing-formats.md').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
  expect(blocks).toContain(read('./toy-format.ts'));
});
