import { describe, expect, it } from '@jest/globals';
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
    ['compaction', 'end-turn'],
  ] as const)('%s and back', (wire, canonical) => {
    const stop = decodeStop(wire, null, false);
    expect(stop).toEqual({ stopReason: canonical, rawStopReason: wire });
    expect(encodeStopReason(stop)).toBe(wire);
  });

  it('takes unknown words as the end of the turn and does not repeat them', () => {
    const stop = decodeStop('toString', null, false);
    expect(stop.stopReason).toBe('end-turn');
    expect(encodeStopReason(stop)).toBe('end_turn');
    expect(decodeStop(null, null, false)).toEqual({ stopReason: 'end-turn' });
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
