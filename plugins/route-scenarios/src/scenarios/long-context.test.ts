import { describe, expect, it } from '@jest/globals';
import { anthropicMessages } from '@signalbox/format-anthropic-messages';
import { estimatePromptTokens, type JsonObject, Notes } from '@signalbox/kit';
import fc from 'fast-check';
import { messages, router, TOOLS, text, user } from '../../test/support.ts';

const estimate = (body: JsonObject) =>
  estimatePromptTokens(anthropicMessages.decodeRequest(body, { headers: {}, notes: new Notes() }));
const long = (thresholdTokens: number) => router({ longContext: { target: 'to/long', thresholdTokens } });
const prompt = (chars: number, more: JsonObject = {}) =>
  messages({ messages: [user(text('x'.repeat(chars)))], ...more });
const IMAGE = { type: 'image', source: { type: 'url', url: 'https://host.example/a.png' } };
const PDF = { type: 'document', source: { type: 'url', url: 'https://host.example/a.pdf' } };

describe('longContext', () => {
  it('begins one token over the threshold', async () => {
    const body = prompt(5000, { tools: TOOLS });
    const tokens = estimate(body);
    const at = async (threshold: number) => (await (await long(threshold))({ body })).target;
    expect([await at(tokens - 1), await at(tokens), await at(tokens + 1)]).toEqual([
      'to/long',
      'to/default',
      'to/default',
    ]);
  });

  it('is over 60000 tokens where nothing else is said', async () => {
    const decide = await router({ longContext: 'to/long' });
    const words = (count: number) => messages({ messages: [user(text(' word'.repeat(count)))] });
    expect([estimate(words(59_000)) <= 60_000, estimate(words(60_000)) > 60_000]).toEqual([true, true]);
    expect((await decide({ body: words(59_000) })).target).toBe('to/default');
    expect((await decide({ body: words(60_000) })).target).toBe('to/long');
  });

  it('says how long the prompt is', async () => {
    const body = prompt(5000);
    const { reason } = await (await long(1000))({ body });
    expect(reason).toBe(`longContext: the prompt of about ${estimate(body)} tokens is over 1000`);
  });

  it('decodes only what has the bytes for it', async () => {
    const decide = await long(1000);
    expect((await decide({ body: prompt(800) })).decodes).toBe(0);
    expect((await decide({ body: prompt(3000) })).decodes).toBeGreaterThan(0);
  });

  it.each([
    ['images', IMAGE],
    ['documents', PDF],
  ])('knows that a few bytes of %s are many tokens', async (_, block) => {
    const decide = await long(3000);
    expect((await decide({ body: messages({ messages: [user(block, block)] }) })).target).toBe('to/long');
    expect((await decide({ body: messages({ messages: [user(block)] }) })).target).toBe('to/default');
  });

  it('decides as the estimate does, whatever the bytes say', async () => {
    const block = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).map(text),
      fc.constantFrom<JsonObject>(IMAGE, PDF),
      fc.record({ type: fc.constant('tool_result'), tool_use_id: fc.string(), content: fc.string({ maxLength: 80 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(block, { minLength: 1, maxLength: 6 }),
        fc.array(fc.record({ name: fc.string({ minLength: 1 }), input_schema: fc.constant({}) }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 400 }),
        async (blocks, tools, threshold) => {
          const body = messages({ messages: blocks.map((one) => user(one)), tools });
          const { target } = await (await long(threshold))({ body });
          expect(target).toBe(estimate(body) > threshold ? 'to/long' : 'to/default');
        },
      ),
      { numRuns: 150 },
    );
  });
});
