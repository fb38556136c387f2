import { definePlugin, defineStrategy, type JsonObject, messageToEvents, Type } from '@signalbox/kit';
import type { Fixture } from '../src/laws/index.ts';
import { describeFormat, describeProvider, describeStrategy, describeTransform } from '../src/suites.ts';
import { sampleFormat } from './sample-format.ts';
import { sampleProvider } from './sample-provider.ts';

// Four suites that must fail, each for one reason; `suites.test.ts` runs this file in a jest of its own.

const configSchema = Type.Object({}, { additionalProperties: false });
const reply = { content: [{ type: 'text', text: 'Hello.' }], stopReason: 'end-turn' } as const;
const fixture: Fixture = {
  name: 'text.sample',
  response: JSON.parse(JSON.stringify(reply)) as JsonObject,
  stream: Buffer.from(
    messageToEvents(reply)
      .map((event) => `data: ${JSON.stringify(event)}\n\n`)
      .join(''),
  ),
};

describeFormat(
  { ...sampleFormat, encodeError: (error, context) => ({ ...sampleFormat.encodeError(error, context), status: 200 }) },
  { fixtures: [fixture], runs: 5 },
);

describeProvider(
  sampleProvider(({ baseUrl }) => ({ endpoint: () => ({ url: `${baseUrl}/v1/chat/completions`, headers: {} }) })),
  { config: { apiKey: 'sk-secret', baseUrl: 'https://api.example.com' } },
);

const silent = defineStrategy({ id: 'silent', configSchema, create: () => ({ choose: () => undefined }) });
describeStrategy(silent, {
  config: {},
  cases: [
    { name: 'it has an opinion', expect: ['a/b'] },
    { name: 'it has none', expect: undefined },
  ],
});

describeTransform(definePlugin({ name: 'transform-idle', configSchema, apply: () => {} }), {
  config: {},
  replies: [
    { name: 'the text goes', reply, expect: { content: [] } },
    { name: 'the text stays', reply, expect: undefined },
  ],
});
