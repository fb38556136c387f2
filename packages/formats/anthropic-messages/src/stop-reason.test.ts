import { describe, expect, it } from '@jest/globals';
import { Notes } from '@signalbox/kit';
import { block, decodeStream, ending, START, STOP, sse, target } from '../test/support.ts';
import { anthropicMessages } from './index.ts';
import { decodeStop, encodeStopReason } from './stop-reason.ts';

describe('stop reasons', () => {
  it.each([
    ['end_turn', 'end-turn'],
    ['max_tokens', 'max-tokens'],
    ['stop_sequence', 'stop-sequence'],
    ['tool_use', 'tool-call'],
    ['pause_turn', 'pause-turn'],
    ['refusal', 'refusal'],
    ['model_context_window_exceeded', 'context-window-exceeded'],
    ['compaction', 'pause-turn'],
  ] as const)('%s and back', (wire, canonical) => {
    const stop = decodeStop(wire, null, false);
    expect(stop).toEqual({ stopReason: canonical, rawStopReason: wire });
    expect(encodeStopReason(stop)).toBe(wire);
  });

  it('takes unknown words for a cut, says so, and does not repeat them', () => {
    const notes = new Notes();
    const stop = decodeStop('toString', null, false, notes);
    expect(stop.stopReason).toBe('max-tokens');
    expect(encodeStopReason(stop)).toBe('max_tokens');
    expect(notes.list).toMatchObject([{ path: 'stopReason', action: 'approximated' }]);
    expect(decodeStop('new_word', null, true, notes).stopReason).toBe('tool-call');
    expect(decodeStop('stop', null, false, notes).stopReason).toBe('end-turn');
    expect(decodeStop(null, null, false, notes)).toEqual({ stopReason: 'end-turn' });
    expect(notes.list).toHaveLength(1);
  });

  it('notes an unknown word of an answer, whole and streamed', () => {
    const whole = target();
    const body = { type: 'message', role: 'assistant', content: [{ type: 'text', text: 'x' }], stop_reason: 'halted' };
    expect(anthropicMessages.decodeReply(body, whole).stopReason).toBe('max-tokens');
    const streamed = target();
    const text = block(0, { type: 'text', text: '' }, { type: 'text_delta', text: 'x' });
    const events = decodeStream([Buffer.from(sse(START, ...text, ending('halted'), STOP))], streamed);
    expect(events.at(-1)).toMatchObject({ stopReason: 'max-tokens' });
    for (const { notes } of [whole, streamed]) expect(notes.list).toMatchObject([{ path: 'stopReason' }]);
  });

  it('does not trust another format’s word over the canonical one', () => {
    expect(encodeStopReason({ stopReason: 'max-tokens', rawStopReason: 'length' })).toBe('max_tokens');
    expect(encodeStopReason({ stopReason: 'tool-call', rawStopReason: 'end_turn' })).toBe('tool_use');
  });

  it('F09 is tool-call where there are calls', () => {
    expect(decodeStop('end_turn', null, true).stopReason).toBe('tool-call');
    expect(decodeStop('max_tokens', null, true).stopReason).toBe('max-tokens');
  });
});
