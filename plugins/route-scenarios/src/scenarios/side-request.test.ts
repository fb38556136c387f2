import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { chat, messages, router, TOOLS, text, user } from '../../test/support.ts';

const format = (schema: JsonObject) => ({ output_config: { format: { type: 'json_schema', schema } } });
const TITLE_SCHEMA = { type: 'object', properties: { title: { type: 'string' } } };
const title = (more: JsonObject = {}) =>
  messages({ messages: [user(text('<session>\nHello.\n</session>'))], ...format(TITLE_SCHEMA), stream: true, ...more });
const page = (more: JsonObject = {}) =>
  messages({ messages: [user(text('\nWeb page content:\n---\nHello.'))], tools: [], stream: true, ...more });
const classifier = (more: JsonObject = {}) =>
  messages({ system: [text('billing'), text('You are a security monitor for agents.')], tools: [], ...more });
const hook = messages({
  system: [text('billing'), text('identity'), text('You are evaluating a stop-condition hook.')],
  ...format({ type: 'object', properties: { ok: { type: 'boolean' } } }),
});

describe('background work under the main model’s name', () => {
  it.each<[string, JsonObject]>([
    ['a title for the session', title()],
    ['the summary of a web page', page()],
    ['the safety check of a tool call', classifier()],
    ['the check of a stop condition', hook],
  ])('%s', async (job, body) => {
    const decision = await (await router({ background: 'to/small' }))({ body });
    expect(decision).toEqual({ target: 'to/small', reason: `"claude-x" is background work (${job})`, decodes: 1 });
    const off = await router({ background: { target: 'to/small', sideRequests: false } });
    expect(await off({ body })).toMatchObject({ target: 'to/default', decodes: 0 });
  });

  it.each<[string, JsonObject]>([
    ['a title with tools at hand', title({ tools: TOOLS })],
    ['a title with a server tool at hand', title({ tools: [{ type: 'web_search_20250305', name: 'web_search' }] })],
    ['a title with more to say', title(format({ ...TITLE_SCHEMA, properties: { title: {}, tags: {} } }))],
    ['a session without the schema', title({ output_config: { effort: 'high' } })],
    ['the schema without a session', title({ messages: [user(text('Name my cat.'))] })],
    ['a page inside of a conversation', page({ messages: [...(page().messages as JsonObject[]), user(text('So?'))] })],
    ['a question about the words', messages({ messages: [user(text('What is "\nWeb page content:\n---"?'))] })],
    ['a security monitor that streams', classifier({ stream: true })],
    ['a conversation about security monitors', messages({ messages: [user(text('You are a security monitor'))] })],
    ['the probe of a new model', messages({ max_tokens: 1, messages: [user(text('Hi'))], tools: [] })],
    ['the main loop', messages({ tools: TOOLS, messages: [user(text('<session>'))] })],
  ])('is not %s', async (_, body) => {
    expect((await (await router({ background: 'to/small' }))({ body })).target).toBe('to/default');
  });

  it('is looked for in Messages only, and costs the main loop no decoding', async () => {
    const decide = await router({ background: 'to/small' });
    const said = chat({ messages: [{ role: 'user', content: '<session>' }] });
    expect(await decide({ body: said, format: 'openai-chat' })).toMatchObject({ target: 'to/default', decodes: 0 });
    expect((await decide({ body: messages({ tools: TOOLS, messages: [user(text('<session>'))] }) })).decodes).toBe(0);
  });

  it('needs no look at the body where the name says it', async () => {
    const decide = await router({ background: { target: 'to/{model}' } });
    expect(await decide({ body: title({ model: 'my-haiku' }) })).toEqual({
      target: 'to/my-haiku',
      reason: '"my-haiku" is background work ("*haiku*")',
      decodes: 0,
    });
  });
});
