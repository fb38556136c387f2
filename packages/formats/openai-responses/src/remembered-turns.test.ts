import { describe, expect, it } from '@jest/globals';
import type { Block, ChatRequest, JsonObject } from '@signalbox/kit';
import { decode, testTarget } from '../test/context.ts';
import { openaiResponses } from './format.ts';
import { mayBeStored, previousResponseOf, rememberTurn, withRemembered } from './remembered-turns.ts';

const LOOK = { type: 'function', name: 'look', parameters: { type: 'object', properties: {} } };
const FIND = { ...LOOK, name: 'find' };
const user = (text: string) => ({ role: 'user', content: text });
const developer = (text: string) => ({ type: 'message', role: 'developer', content: text });
const call = { type: 'tool-call', id: 'c1', name: 'patch', input: { input: 'x' }, rawInput: '{"input":"x"}' } as const;

/** The input as a server of this format gets it. */
const inputOf = (request: ChatRequest): unknown => openaiResponses.encodeRequest(request, testTarget()).input;

describe('F78 what a response is remembered by', () => {
  it('is put in front of what goes on from it, item by item, as if the client had sent it all', () => {
    const tools = [{ type: 'custom', name: 'patch' }];
    const brings = (tool: JsonObject) => ({ type: 'additional_tools', tools: [tool] });
    const opening = [developer('First.'), brings(LOOK), user('Go.')];
    const output = { type: 'custom_tool_call_output', call_id: 'c1', output: 'ok' };
    const more = [developer('Now be brief.'), brings(FIND), output];
    const first = decode({ input: opening, tools, instructions: 'Be a pirate.' });
    const next = decode({ input: more, tools, instructions: 'Be a poet.', previous_response_id: 'resp_1' });
    const request = withRemembered(next, [rememberTurn(first, [{ type: 'text', text: 'Sure.' }, call])]);
    expect(previousResponseOf(next)).toBe('resp_1');
    expect(previousResponseOf(request)).toBeUndefined();
    expect(openaiResponses.refusesElsewhere?.(request)).toBeUndefined();
    expect(request.tools.map(({ name }) => name)).toEqual(['patch', 'find', 'look']);
    expect(request.system.map(({ text }) => text)).toEqual(['Be a poet.', 'First.']);
    const said = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Sure.' }] };
    expect(inputOf(request)).toMatchObject([
      { role: 'developer', content: [{ text: 'First.' }] },
      brings(LOOK),
      { role: 'user', content: [{ text: 'Go.' }] },
      said,
      { type: 'custom_tool_call', call_id: 'c1', name: 'patch', input: 'x' },
      { role: 'developer', content: [{ text: 'Now be brief.' }] },
      brings(FIND),
      output,
    ]);
  });

  it('survives as plain JSON, with the phase of a text', () => {
    const phase = { type: 'phase', phase: 'commentary' };
    const text: Block = { type: 'text', text: 'a', extensions: { 'openai-responses': { deltas: [phase] } } };
    const turn = rememberTurn(decode({ input: 'Hi' }), [text]);
    const copy = JSON.parse(JSON.stringify(turn)) as typeof turn;
    expect(copy).toEqual(turn);
    expect(inputOf(withRemembered(decode({ input: 'More' }), [copy]))).toMatchObject([
      { role: 'user' },
      { role: 'assistant', phase: 'commentary' },
      { role: 'user', content: [{ text: 'More' }] },
    ]);
    expect(rememberTurn(decode({ input: 'Hi' }), []).messages).toHaveLength(1);
  });

  it('may be kept unless the client says no', () => {
    expect([{}, { store: true }, { store: null }, { store: false }].map((more) => mayBeStored(decode(more)))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});
