import { describe, expect, it } from '@jest/globals';
import type { ChatRequest, JsonObject } from '@signalbox/kit';
import { userRequest } from '@signalbox/testkit';
import { encode } from '../test/support.ts';

const call = (id: string, name = 'f') => ({ type: 'tool-call' as const, id, name, input: {} });
const result = (callId: string, text: string, more: object = {}) => ({
  type: 'tool-result' as const,
  callId,
  content: [{ type: 'text' as const, text }],
  ...more,
});
const said = (text: string) => ({ type: 'text' as const, text });
const looped = (content: ChatRequest['messages'][number]['content'], results = [result('a', '1')]) =>
  userRequest('m', {
    messages: [
      { role: 'user', content: [said('x')] },
      { role: 'assistant', content },
      { role: 'user', content: results },
    ],
  });

const tool = (name: string) => ({ type: 'function' as const, name });

describe('tool calls and results', () => {
  it('F54 F56 F04 every call has its result, in the order of the calls', () => {
    const request = looped(
      [call('a', 'f'), call('b', 'g'), call('c', 'f')],
      [result('c', '3'), result('zzz', 'orphan'), { ...result('', '2'), callId: '' }],
    );
    const { body, notes } = encode(request);
    expect((body.contents as { parts: JsonObject[] }[])[2]?.parts).toEqual([
      { functionResponse: { id: 'a', name: 'f', response: { output: '2' } } },
      { functionResponse: { id: 'b', name: 'g', response: { error: 'no result' } } },
      { functionResponse: { id: 'c', name: 'f', response: { output: '3' } } },
      { text: '[Result of tool call zzz]' },
      { text: 'orphan' },
    ]);
    expect(notes.filter((note) => note.startsWith('approximated'))).toHaveLength(3);
  });

  it.each([
    [
      'gemini-3.8-flash',
      [
        {
          functionResponse: {
            id: 'a',
            name: 'f',
            response: { output: 'see' },
            parts: [{ inlineData: { mimeType: 'image/png', data: 'AAAA' } }],
          },
        },
      ],
    ],
    [
      'gemini-2.5-pro',
      [
        { functionResponse: { id: 'a', name: 'f', response: { output: 'see' } } },
        { text: '[From the result of tool call a]' },
        { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
      ],
    ],
  ])('F49 images in results reach %s', (name, parts) => {
    const content = [
      said('see'),
      { type: 'image' as const, source: { type: 'base64' as const, mediaType: 'image/png', data: 'AAAA' } },
    ];
    const { body } = encode(looped([call('a')], [{ ...result('a', ''), content } as never]), { model: name });
    expect((body.contents as { parts: JsonObject[] }[])[2]?.parts).toEqual(parts);
  });

  it('arguments are an object, whatever the client has', () => {
    const odd = [
      { ...call('a'), rawInput: '{"x":', input: {} },
      { ...call('b'), input: [1] },
      { ...call('c'), input: null, rawInput: '' },
    ];
    const { body } = encode(
      looped(
        odd,
        ['a', 'b', 'c'].map((id) => result(id, 'r')),
      ),
    );
    const parts = (body.contents as { parts: { functionCall: JsonObject }[] }[])[1]?.parts;
    expect(parts?.map(({ functionCall }) => functionCall.args)).toEqual([{ _raw: '{"x":' }, { value: [1] }, {}]);
  });

  it('F58 names that Gemini refuses go under another, call and choice alike', () => {
    const name = `mcp__server.with.dots__${'x'.repeat(60)}`;
    const { body } = encode(userRequest('m', { tools: [tool(name)], toolChoice: { type: 'tool', name } }));
    const sent = (body.tools as { functionDeclarations: { name: string }[] }[])[0]?.functionDeclarations[0]?.name ?? '';
    expect(sent).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(body.toolConfig).toEqual({ functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [sent] } });
  });
});
