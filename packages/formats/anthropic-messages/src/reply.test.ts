import { describe, expect, it } from '@jest/globals';
import type { ChatReply, JsonObject } from '@signalbox/kit';
import { packReasoningState, ToolNames } from '@signalbox/kit';
import { client, target } from '../test/support.ts';
import { anthropicMessages } from './index.ts';

const BODY = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  stop_reason: 'end_turn',
  stop_sequence: null,
};
const decode = (more: object, context = target()) =>
  anthropicMessages.decodeReply({ ...BODY, ...more } as JsonObject, context);
const REPLY: ChatReply = { content: [], stopReason: 'end-turn' };
const encode = (reply: Partial<ChatReply>, context = client()) =>
  anthropicMessages.encodeReply({ ...REPLY, ...reply }, context);

describe('decodeReply', () => {
  it('F07 takes an empty reply for what it is', () => {
    expect(decode({ content: [] })).toMatchObject({ content: [], stopReason: 'end-turn' });
  });

  it.each([{}, { content: 'text' }, { content: null }])('refuses %j as malformed', (more) => {
    expect(() => decode(more)).toThrow(expect.objectContaining({ code: 'MALFORMED_REPLY' }));
  });

  it('F15 throws what an error inside a 200 says', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    expect(() => anthropicMessages.decodeReply(error, target())).toThrow(
      expect.objectContaining({ code: 'PROVIDER_OVERLOADED' }),
    );
  });

  it('tags reasoning with its origin, also where nothing was signed', () => {
    const content = [
      { type: 'thinking', thinking: 'hm', signature: 'sig' },
      { type: 'thinking', thinking: 'hm', signature: '' },
    ];
    expect(decode({ content }).content).toEqual([
      { type: 'reasoning', text: 'hm', state: { origin: 'anthropic', data: 'sig' } },
      { type: 'reasoning', text: 'hm' },
    ]);
    expect(decode({ content }, target({ reasoningOrigin: 'deepseek' })).content[1]).toMatchObject({
      state: { origin: 'deepseek', data: '' },
    });
  });

  it('F58 restores tool names, and never leaves an id empty', () => {
    const toolNames = new ToolNames();
    const name = toolNames.alias('a.b');
    const content = [{ type: 'tool_use', id: '', name, input: { a: 1 } }];
    const [call] = decode({ content }, target({ toolNames })).content;
    expect(call).toMatchObject({ name: 'a.b', input: { a: 1 }, id: expect.stringMatching(/^toolu_.{24}$/) });
  });

  it('F06 reads arguments that came as text', () => {
    const content = [{ type: 'tool_use', id: 'i', name: 'f', input: '{"a":1}' }];
    expect(decode({ content }).content).toMatchObject([{ input: { a: 1 }, rawInput: '{"a":1}' }]);
  });

  it('keeps what only this format has', () => {
    const stop_details = { type: 'refusal', category: 'bio', explanation: null };
    const reply = decode({ content: [], stop_reason: 'refusal', stop_details, container: null });
    expect(reply).toMatchObject({ stopReason: 'refusal', extensions: { 'anthropic-messages': { stop_details } } });
    expect(encode(reply)).toMatchObject({ stop_reason: 'refusal', stop_details });
  });
});

describe('encodeReply', () => {
  it('gives a fresh id, echoes the model and holds every key of the official type', () => {
    const [one, two] = [encode({ model: 'theirs', id: 'chatcmpl-1' }), encode({})];
    expect(one).toEqual({
      id: expect.stringMatching(/^msg_.{24}$/),
      type: 'message',
      role: 'assistant',
      model: 'asked',
      content: [],
      stop_reason: 'end_turn',
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      usage: { input_tokens: 77, cache_creation_input_tokens: null, cache_read_input_tokens: null, output_tokens: 0 },
    });
    expect(two.id).not.toBe(one.id);
  });

  it('F73 packs foreign state so that it comes back, and never signs what nobody signed', () => {
    const state = { origin: 'deepseek', data: { a: 1 } };
    expect(
      encode({
        content: [
          { type: 'reasoning', text: 'hm', state },
          { type: 'reasoning', text: 'hm', state: { origin: 'anthropic', data: 'sig' } },
          { type: 'reasoning', text: 'hm' },
          { type: 'reasoning', text: '', state, redacted: true },
        ],
      }).content,
    ).toEqual([
      { type: 'thinking', thinking: 'hm', signature: packReasoningState(state) },
      { type: 'thinking', thinking: 'hm', signature: 'sig' },
      { type: 'thinking', thinking: 'hm', signature: '' },
      { type: 'redacted_thinking', data: packReasoningState(state) },
    ]);
  });

  it('maps ids that clients may refuse and keeps legal ones', () => {
    const call = (id: string) => ({ type: 'tool-call' as const, id, name: 'f', input: {} });
    const content = encode({ content: [call('call_1'), call('functions.f:0')] }).content as { id: string }[];
    expect(content[0]?.id).toBe('call_1');
    expect(content[1]?.id).toMatch(/^toolu_[\w-]+$/);
  });

  it('F11 shows arguments that were cut as text, not as no arguments', () => {
    const call = { type: 'tool-call', id: 'i', name: 'f', input: {}, rawInput: '{"a":' } as const;
    const context = client();
    expect(encode({ content: [call], stopReason: 'max-tokens' }, context).content).toMatchObject([
      { input: { _raw: '{"a":' } },
    ]);
    expect(context.notes.list).toMatchObject([{ path: 'content[0].input', action: 'approximated' }]);
  });

  it('notes what an Anthropic client cannot be told', () => {
    const context = client();
    const value = { type: 'audio' };
    encode(
      { content: [{ type: 'opaque', format: 'openai-chat', value }], extensions: { 'openai-chat': { logprobs: 1 } } },
      context,
    );
    expect(context.notes.list.map(({ path }) => path)).toEqual(['logprobs', 'content[0]']);
  });

  it('gives a refusal its details', () => {
    expect(encode({ stopReason: 'refusal' }).stop_details).toEqual({
      type: 'refusal',
      category: null,
      explanation: null,
    });
  });
});
