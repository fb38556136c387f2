import { describe, expect, it } from '@jest/globals';
import { errors, type JsonObject, type ModelCapabilities } from '@signalbox/kit';
import { capabilities, chat, messages, type Wire } from '../test/support.ts';

const TOOL = { name: 'Read', input_schema: { type: 'object', properties: {} } };
const SEARCH = { type: 'web_search_20250305', name: 'web_search' };
const IMAGE = { type: 'image', source: { type: 'url', url: 'https://host.example/a.png' } };
const PDF = { type: 'document', source: { type: 'url', url: 'https://host.example/a.pdf' } };
const said = (...content: readonly JsonObject[]) => messages({ messages: [{ role: 'user', content: [...content] }] });
const schema = { type: 'json_schema', schema: { type: 'object', properties: {} } };
const picture = { type: 'image_url', image_url: { url: 'https://host.example/a.png' } };

const WIRES: readonly [need: keyof ModelCapabilities, what: string, wire: Wire][] = [
  ['images', 'a message', said(IMAGE)],
  ['images', 'a tool result', said({ type: 'tool_result', tool_use_id: 't', content: [IMAGE] })],
  ['images', 'Chat', chat({ messages: [{ role: 'user', content: [picture] }] })],
  ['tools', 'a function', messages({ tools: [TOOL] })],
  ['tools', 'a tool of the client without a schema', messages({ tools: [{ type: 'bash_20250124', name: 'bash' }] })],
  ['tools', 'Chat', chat({ tools: [{ type: 'function', function: { name: 'Read' } }] })],
  ['structuredOutput', 'a schema', messages({ output_config: { format: schema } })],
  ['structuredOutput', 'Chat', chat({ response_format: { type: 'json_object' } })],
  ['webSearch', 'a server tool', messages({ tools: [SEARCH] })],
  ['webSearch', 'Chat', chat({ web_search_options: {} })],
  ['webSearch', 'OpenRouter’s plugin in Chat', chat({ plugins: [{ id: 'web' }] })],
];
const WISHES: typeof WIRES = [
  ['documents', 'a message', said(PDF)],
  ['reasoning', 'adaptive', messages({ thinking: { type: 'adaptive' } })],
  ['reasoning', 'Chat', chat({ reasoning_effort: 'high' })],
];

describe('what a model is known to lack', () => {
  it.each(WIRES)('%s in %s: the target is skipped, with a reason', async (need, _, wire) => {
    const ask = await capabilities({ 'a/x': { [need]: false }, 'b/y': { [need]: true } });
    const { targets, after } = await ask(['a/x', 'b/y', 'c/z'], wire, { moveOn: ['RATE_LIMITED'] });
    expect(targets).toEqual(['b/y', 'c/z']);
    expect(after).toMatchObject({ moveOn: ['RATE_LIMITED'] });
    expect(after?.reason).toMatch(/^the router says so; skipped: a\/x has no [a-z ]+$/);
  });

  it.each(WISHES)('%s in %s, which it can do without: the target comes last', async (need, _, wire) => {
    const ask = await capabilities({ 'a/x': { [need]: false } });
    const { targets, after } = await ask(['a/x', 'b/y'], wire);
    expect(targets).toEqual(['b/y', 'a/x']);
    expect(after?.reason).toBe(`the router says so; last: a/x has no ${need}`);
  });

  it.each([...WIRES, ...WISHES])(
    '%s in %s: the plan stays where it has it, or nothing is known',
    async (need, _, wire) => {
      const ask = await capabilities({ 'a/x': { [need]: true }, 'b/y': {} });
      expect((await ask(['a/x', 'b/y', 'c/z'], wire)).kept).toBe(true);
    },
  );

  it('does not matter where the request does not need it', async () => {
    const none = {
      images: false,
      documents: false,
      tools: false,
      reasoning: false,
      structuredOutput: false,
      webSearch: false,
    };
    const ask = await capabilities({ 'a/x': none });
    for (const wire of [
      messages(),
      chat(),
      said({ type: 'text', text: '"image" "tools" "web_search"' }),
      messages({ tools: [], thinking: { type: 'disabled' } }),
      chat({ reasoning_effort: 'none', tools: [] }),
    ]) {
      expect((await ask(['a/x'], wire)).kept).toBe(true);
    }
  });
});

describe('where no target is able', () => {
  const models = { 'a/x': { tools: false, images: false }, 'b/y': { tools: false } };
  const both = messages({ tools: [TOOL], messages: [{ role: 'user', content: [IMAGE] }] });

  it('the client is told what is missing', async () => {
    const ask = await capabilities(models);
    await expect(ask(['a/x', 'b/y'], both)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      status: 400,
      retryable: false,
      message:
        'The request needs what no target of its route has: a/x has no images, no tools; b/y has no tools. Ask for another model, or leave it out.',
    });
  });

  it('only for its images, it hears so in the way in which it goes on without them', async () => {
    const ask = await capabilities({ 'a/x': { images: false, reasoning: false } });
    const wire = messages({ messages: [{ role: 'user', content: [IMAGE] }], thinking: { type: 'adaptive' } });
    await expect(ask(['a/x'], wire)).rejects.toMatchObject({ code: 'IMAGE_REJECTED', status: 400 });
  });

  it('the plan is kept where the options say so', async () => {
    const ask = await capabilities(models, { onNone: 'keep' });
    const { targets, after } = await ask(['a/x', 'b/y'], both);
    expect(targets).toEqual(['a/x', 'b/y']);
    expect(after?.reason).toBe('the router says so; kept, though a/x has no images, no tools, b/y has no tools');
  });

  it('a target that lacks only what can be left out is asked', async () => {
    const ask = await capabilities({ 'a/x': { documents: false } });
    expect((await ask(['a/x'], said(PDF))).targets).toEqual(['a/x']);
  });
});

describe('a target that the client named itself', () => {
  const picture = { messages: [{ role: 'user', content: [IMAGE] }] };

  it('is not left for a fallback: the client hears what it lacks', async () => {
    const ask = await capabilities({ 'a/x': { images: false, reasoning: false } });
    const wire = messages({ model: 'a/x', ...picture, thinking: { type: 'adaptive' } });
    await expect(ask(['a/x', 'b/y'], wire)).rejects.toMatchObject({
      code: 'IMAGE_REJECTED',
      message: expect.stringContaining('a/x has no images.'),
    });
  });

  it.each<[string, JsonObject, JsonObject]>([
    ['lacks what can be left out', { reasoning: false }, { thinking: { type: 'adaptive' } }],
    ['is kept all the same', { images: false }, picture],
  ])('stays ahead where it %s', async (_name, lacks, body) => {
    const ask = await capabilities({ 'a/x': lacks }, { onNone: 'keep' });
    const { targets, after } = await ask(['a/x', 'b/y'], messages({ model: 'a,x', ...body }));
    expect(targets).toEqual(['a/x', 'b/y']);
    expect(after?.reason).toContain('kept, though a/x has no');
  });
});

describe('what it costs', () => {
  const none = { images: false, documents: false, tools: false, structuredOutput: false, webSearch: false };

  it('nothing is decoded where no model lacks anything, or the bytes hold no mark of it', async () => {
    const full = messages({ tools: [TOOL, SEARCH], thinking: { type: 'adaptive' } });
    expect((await (await capabilities({ 'a/x': { images: false } }))(['a/x'], full)).decodes).toBe(0);
    expect((await (await capabilities({}))(['a/x'], full)).decodes).toBe(0);
    expect((await (await capabilities({ 'a/x': none }))(['a/x'], messages())).decodes).toBe(0);
    expect((await (await capabilities({ 'a/x': none }))(['a/x'], chat())).decodes).toBe(0);
  });

  it('and once at most', async () => {
    const ask = await capabilities({ 'a/x': none, 'b/y': none });
    expect((await ask(['a/x', 'b/y', 'c/z'], messages({ tools: [TOOL, SEARCH] }))).decodes).toBe(1);
  });
});

describe('what is left alone', () => {
  it.each(['count-tokens', 'models'] as const)('%s', async (operation) => {
    const ask = await capabilities({ 'a/x': { images: false } });
    expect(await ask(['a/x'], { ...said(IMAGE), operation })).toMatchObject({ kept: true, decodes: 0 });
  });

  it('a request that cannot be decoded, but no fault of the decoder', async () => {
    const ask = await capabilities({ 'a/x': { images: false } });
    expect((await ask(['a/x'], { ...said(IMAGE), fault: errors.unsupported('audio') })).kept).toBe(true);
    await expect(ask(['a/x'], { ...said(IMAGE), fault: new RangeError('a bug') })).rejects.toThrow('a bug');
  });
});
