import { type Fixture, type FormatOptions, readFixtures } from '@signalbox/testkit/laws';
import { describeFormat } from '@signalbox/testkit/suites';
import fc from 'fast-check';
import { openaiChat } from '../src/index.ts';

const fixtures = readFixtures(new URL('../fixtures/synthetic/', import.meta.url));
const ofLocal = ({ name }: Fixture): boolean => name.endsWith('.local');
const options: FormatOptions = {
  reasoningOrigin: 'openrouter',
  clientRequest: {
    model: 'm',
    messages: [{ role: 'user', content: 'Hi.' }],
    stream: true,
    stream_options: { include_usage: true },
  },
  features: {
    // A message of this wire has one text, before its calls, and one run of reasoning details before both.
    manyTexts: false,
    redacted: false,
    stopReasons: ['end-turn', 'max-tokens', 'tool-call'],
    reasoningState: {
      origin: 'openrouter',
      data: fc
        .base64String({ minLength: 4, maxLength: 40 })
        .map((data) => [{ type: 'reasoning.encrypted', data, format: 'unknown', index: 0 }]),
    },
  },
};

describeFormat(openaiChat, { ...options, fixtures: fixtures.filter((fixture) => !ofLocal(fixture)) });
describeFormat(openaiChat.with({ reasoningInContent: true }), { ...options, fixtures: fixtures.filter(ofLocal) });
