import { describe, expect, it } from '@jest/globals';
import type { Block, ChatRequest, Message } from '@signalbox/kit';
import { encode, request } from '../test/support.ts';

const text = (value: string): Block => ({ type: 'text', text: value });
const user = (...content: Block[]): Message => ({ role: 'user', content });
const assistant = (...content: Block[]): Message => ({ role: 'assistant', content });
const system = (value: string): Message => ({ role: 'system', content: [text(value)] });
const call = (id: string): Block => ({ type: 'tool-call', id, name: 'f', input: { id } });
const result = (callId: string, value = 'ok'): Block => ({ type: 'tool-result', callId, content: [text(value)] });

/** Roles and block types in short: `user:text`. */
function shape(messages: readonly Message[], more: Partial<ChatRequest> = {}, model = 'some-model') {
  const { body, notes } = encode(request({ messages, ...more }), { model });
  const wire = body.messages as unknown as { role: string; content: string | { type: string }[] }[];
  const lines = wire.map(({ role, content }) =>
    typeof content === 'string' ? `${role}:"${content}"` : `${role}:${content.map(({ type }) => type).join()}`,
  );
  return { lines, notes, wire, body };
}

describe('the order of messages', () => {
  it('starts with the user', () => {
    const { lines, notes } = shape([assistant(text('hello')), user(text('hi'))]);
    expect(lines).toEqual(['user:text', 'assistant:text', 'user:text']);
    expect(notes).toContain('messages approximated');
  });

  it('merges neighbours of one role', () => {
    expect(shape([user(text('a')), user(text('b')), assistant(text('c')), user(text('d'))]).lines).toEqual([
      'user:text,text',
      'assistant:text',
      'user:text',
    ]);
  });

  it('F52 drops blank text, and messages that hold nothing else', () => {
    const { lines, notes } = shape([user(text('a')), assistant(text(' \n')), user(text(''), text('b'))]);
    expect(lines).toEqual(['user:text,text']);
    expect(notes).toEqual(['messages[1].content[0] mapped', 'messages[1] dropped']);
  });

  it('F54 answers a call that was never answered', () => {
    const { wire, notes } = shape([user(text('a')), assistant(call('x'), call('y')), user(result('y'), text('b'))]);
    expect(wire[2]?.content).toEqual([
      { type: 'tool_result', tool_use_id: 'x', content: 'no result', is_error: true },
      { type: 'tool_result', tool_use_id: 'y', content: 'ok' },
      { type: 'text', text: 'b' },
    ]);
    expect(notes).toContain('messages[2] approximated');
  });

  it('F54 answers calls at the very end, and before the next assistant turn', () => {
    expect(shape([user(text('a')), assistant(call('x'))]).lines).toEqual([
      'user:text',
      'assistant:tool_use',
      'user:tool_result',
    ]);
    expect(
      shape([user(text('a')), assistant(call('x')), user(text('stop')), assistant(text('b')), user(text('c'))]).lines,
    ).toEqual(['user:text', 'assistant:tool_use', 'user:tool_result,text', 'assistant:text', 'user:text']);
  });

  it('F56 turns a result that answers no call into text', () => {
    const { wire, notes } = shape([user(text('a'), result('gone', 'late'))]);
    expect(wire[0]?.content).toEqual([
      { type: 'text', text: 'a' },
      { type: 'text', text: '[result of tool call gone]\nlate' },
    ]);
    expect(notes).toEqual(['messages[0] approximated']);
  });

  it('puts results first and together, also where they came in several messages', () => {
    const { wire, notes } = shape([
      user(text('a')),
      assistant(call('x')),
      assistant(call('y')),
      user(text('b'), result('y')),
      user(result('x')),
    ]);
    expect(wire[2]?.content).toMatchObject([{ tool_use_id: 'x' }, { tool_use_id: 'y' }, { text: 'b' }]);
    expect(notes).toContain('messages[3] mapped');
  });

  it('keeps results in the order of completion', () => {
    const { wire, notes } = shape([user(text('a')), assistant(call('x'), call('y')), user(result('y'), result('x'))]);
    expect(wire[2]?.content).toMatchObject([{ tool_use_id: 'y' }, { tool_use_id: 'x' }]);
    expect(notes).toEqual(['tools approximated']);
  });

  it('maps ids that this format does not allow, on call and result alike', () => {
    const { wire } = shape([
      user(text('a')),
      assistant(call('functions.f:0'), call('')),
      user(result(''), result('functions.f:0')),
    ]);
    const ids = ((wire[1]?.content ?? []) as unknown as { id: string }[]).map(({ id }) => id);
    const answers = ((wire[2]?.content ?? []) as unknown as { tool_use_id: string }[]).map(
      ({ tool_use_id }) => tool_use_id,
    );
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9_-]+$/);
    expect(new Set(answers)).toEqual(new Set(ids));
    expect(new Set(ids).size).toBe(2);
  });
});

describe('system messages', () => {
  it('hoists those at the start', () => {
    const { body, lines } = shape([system('a'), user(text('b'))], { system: [{ type: 'text', text: '0' }] });
    expect(body.system).toEqual([
      { type: 'text', text: '0' },
      { type: 'text', text: 'a' },
    ]);
    expect(lines).toEqual(['user:text']);
  });

  it('F47 leaves them in place where that is legal', () => {
    const { lines, notes } = shape([user(text('a')), system('s'), assistant(text('b')), user(text('c')), system('t')]);
    expect(lines).toEqual(['user:text', 'system:"s"', 'assistant:text', 'user:text', 'system:"t"']);
    expect(notes).toEqual([]);
  });

  it('F47 sends them as reminders between call and result, before a user turn and to older models', () => {
    const between = shape([user(text('a')), assistant(call('x')), system('s'), user(result('x'))]);
    expect(between.lines).toEqual(['user:text', 'assistant:tool_use', 'user:tool_result,text']);
    expect(between.wire[2]?.content[1]).toEqual({ type: 'text', text: '<system-reminder>\ns\n</system-reminder>' });
    expect(shape([user(text('a')), system('s'), user(text('b'))]).lines).toEqual(['user:text,text,text']);
    const older = shape([user(text('a')), system('s')], {}, 'claude-sonnet-4-5');
    expect(older.lines).toEqual(['user:text,text']);
    expect(older.notes).toEqual(['messages[1] approximated']);
  });
});

describe('a trailing assistant message', () => {
  it('loses the blanks at its end', () => {
    const { wire, notes } = shape([user(text('a')), assistant(text('so \n'))], {}, 'claude-haiku-4-5');
    expect(wire[1]?.content).toEqual([{ type: 'text', text: 'so' }]);
    expect(notes).toEqual(['messages[1] approximated']);
  });

  it('is followed by a user message where the model cannot continue it', () => {
    expect(shape([user(text('a')), assistant(text('so'))], {}, 'claude-opus-4-8').lines).toEqual([
      'user:text',
      'assistant:text',
      'user:text',
    ]);
  });

  it('stays when a server tool paused the turn', () => {
    const paused: Block = { type: 'opaque', format: 'anthropic-messages', value: { type: 'server_tool_use', id: 's' } };
    expect(shape([user(text('a')), assistant(paused)], {}, 'claude-opus-4-8').lines).toEqual([
      'user:text',
      'assistant:server_tool_use',
    ]);
  });
});
