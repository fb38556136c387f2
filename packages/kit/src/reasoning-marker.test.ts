import { describe, expect, it } from '@jest/globals';
import type { JsonValue } from '@signalbox/spec';
import fc from 'fast-check';
import { packReasoningState, unpackReasoningState } from './reasoning-marker.ts';

describe('reasoning marker', () => {
  it('F73 gives any state back, whatever its origin is called', () => {
    const data = fc.jsonValue() as fc.Arbitrary<JsonValue>;
    const origin = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(origin, data, (name, value) => {
        const wire = JSON.parse(JSON.stringify(value)) as JsonValue;
        expect(unpackReasoningState(packReasoningState({ origin: name, data: value }))).toEqual({
          origin: name,
          data: wire,
        });
      }),
    );
  });

  it('keeps dots of the origin apart from its own', () => {
    const packed = packReasoningState({ origin: 'a.b', data: null });
    expect(packed).toMatch(/^signalbox1\.[^.]+\.[^.]+$/);
    expect(unpackReasoningState(packed)).toEqual({ origin: 'a.b', data: null });
  });

  it.each([
    '',
    'c2lnLTE=',
    'signalbox1.',
    'signalbox1..e30',
    'signalbox1.o',
    'signalbox1.o.',
    'signalbox1.o.e30.x',
    'signalbox1.%.e30',
    'signalbox1.o.e3',
    'Signalbox1.o.e30',
  ])('F73 takes %j for no state of ours', (packed) => {
    expect(unpackReasoningState(packed)).toBeUndefined();
  });
});
