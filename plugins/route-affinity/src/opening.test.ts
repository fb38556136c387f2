import { describe, expect, it } from '@jest/globals';
import type { BodyMarks, JsonObject } from '@signalbox/kit';
import { fakeExchange } from '@signalbox/testkit';
import { openingOf } from './opening.ts';

/** As the gateway hands it on; its decoder is not for this. */
function received(body: JsonObject, format = 'anthropic-messages') {
  const text = JSON.stringify(body);
  const bodyMarks: BodyMarks = {
    mayHold: () => true,
    startOf: (key) => {
      const at = text.indexOf(`"${key}":`);
      return at === -1 ? undefined : at + key.length + 3;
    },
  };
  const exchange = fakeExchange({ format, rawBody: Buffer.from(text), bodyMarks });
  return Object.defineProperty(exchange, 'request', {
    get: () => {
      throw new Error('decoded');
    },
  });
}

const text = (said: string, more: JsonObject = {}) => ({ type: 'text', text: said, ...more });
const cached = { cache_control: { type: 'ephemeral' } };
const answer = { role: 'assistant', content: 'Yes?' };

describe('openingOf', () => {
  it.each<[string, JsonObject, string?]>([
    ['texts', { system: 'Be brief.', messages: [{ role: 'user', content: 'Hello.' }] }],
    ['blocks', { system: [text('Be brief.'), text('date')], messages: [{ role: 'user', content: [text('Hello.')] }] }],
    ['messages first', { messages: [{ role: 'user', content: 'Hello.' }, answer], system: 'Be brief.' }],
    [
      'an image ahead',
      { system: 'Be brief.', messages: [{ role: 'user', content: [{ type: 'image' }, text('Hello.')] }] },
    ],
    [
      'a breakpoint of the cache',
      { system: [text('Be brief.', cached)], messages: [{ role: 'user', content: [text('Hello.', cached)] }] },
    ],
    [
      'a system message of Chat',
      { messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Hello.' }, answer] },
      'openai-chat',
    ],
    [
      'a developer message of Chat',
      {
        messages: [
          { role: 'developer', content: [text('Be brief.')] },
          { role: 'user', content: [text('Hello.')] },
        ],
      },
      'openai-chat',
    ],
  ])('is read without decoding: %s', (_name, body, ...[format]) => {
    expect(openingOf(received(body, format))).toEqual({ system: 'Be brief.', message: 'Hello.' });
  });

  it.each<[string, JsonObject]>([
    ['nothing', { messages: [] }],
    ['an image alone', { messages: [{ role: 'user', content: [{ type: 'image' }] }] }],
    ['an answer', { messages: [answer] }],
    ['no list', { messages: 'Hello.' }],
    ['no messages in it', { messages: [1, null] }],
  ])('is none of %s', (_name, body) => {
    expect(openingOf(received(body))).toBeUndefined();
  });

  it('is told apart by escapes and other scripts, and stays what it was as the conversation goes on', () => {
    const said = ['Say "hi".', 'Say \\"hi\\".', 'Say “hi”.', 'Say “ho”.', '说“嗨”', 'a\nb', 'a\\nb'];
    const first = said.map((content) => openingOf(received({ messages: [{ role: 'user', content }] }))?.message);
    expect(new Set(first).size).toBe(said.length);
    const later = said.map((content) => {
      const messages = [{ role: 'user', content: [text(content, cached)] }, answer, { role: 'user', content: 'On.' }];
      return openingOf(received({ messages }))?.message;
    });
    expect(later).toEqual(first);
  });

  it('is not looked for in the depth of a long body', () => {
    const image = { type: 'image', source: { data: 'x'.repeat(300_000) } };
    expect(openingOf(received({ messages: [{ role: 'user', content: [image, text('Hello.')] }] }))).toBeUndefined();
    expect(openingOf(received({ messages: [{ role: 'user', content: [text('Hello.'), image] }] }))).toEqual({
      system: '',
      message: 'Hello.',
    });
  });

  it('is decoded in any other format', () => {
    const request = { system: [{ type: 'text' as const, text: 'Be brief.' }] };
    expect(openingOf(fakeExchange({ format: 'gemini', request }))).toEqual({ system: 'Be brief.', message: 'Hello.' });
  });
});
