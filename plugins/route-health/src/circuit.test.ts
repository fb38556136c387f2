import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { Circuit, type Probe } from './circuit.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const limits = {
  consecutiveFailures: 3,
  errorRate: 0.5,
  minRequests: 6,
  windowMs: 10_000,
  openMs: 1_000,
  maxOpenMs: 8_000,
};

interface Try {
  readonly startedAt: number;
  readonly probe: (Probe & { answered: boolean }) | undefined;
}

const step = fc.oneof(
  fc.record({ does: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 3_000 }) }),
  fc.record({ does: fc.constant('begin' as const) }),
  fc.record({
    does: fc.constant('end' as const),
    which: fc.nat(),
    how: fc.constantFrom('success', 'failure', 'neither', 'content'),
    retryAfterMs: fc.constantFrom(0, 500, 60_000),
  }),
);

it('has one probe at a time, and is never stuck, in whatever order tries begin and end', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const circuit = new Circuit();
      const running: Try[] = [];
      const end = ({ startedAt, probe }: Try, how: string, retryAfterMs: number): void => {
        if (how === 'success') circuit.succeed(startedAt, limits);
        if (how === 'failure') {
          const openMs = circuit.fail('CODE', retryAfterMs, limits, probe);
          if (openMs !== undefined) expect(openMs).toBeLessThanOrEqual(limits.maxOpenMs);
        }
        if (probe !== undefined) circuit.endProbe(probe);
      };
      for (const one of steps) {
        if (one.does === 'wait') {
          jest.advanceTimersByTime(one.ms);
        } else if (one.does === 'begin') {
          const isProbe = circuit.state === 'due';
          const flag = { answered: false };
          const probe = isProbe ? Object.assign(flag, { hasAnswered: () => flag.answered }) : undefined;
          if (probe !== undefined) {
            circuit.beginProbe(probe);
            expect(circuit.state).toBe('probing');
          }
          running.push({ startedAt: performance.now(), probe });
        } else {
          const [ended] = running.splice(one.which % Math.max(1, running.length), 1);
          if (ended === undefined) continue;
          if (one.how === 'content' && ended.probe !== undefined) {
            const decides = circuit.isProbedBy(ended.probe);
            ended.probe.answered = true;
            expect(circuit.settle()).toBe(decides);
            if (decides) expect(circuit.state).toBe('closed');
          }
          end(ended, one.how, one.retryAfterMs);
        }
        expect(running.filter(({ probe }) => probe !== undefined && circuit.isProbedBy(probe)).length).toBe(
          circuit.state === 'probing' ? 1 : 0,
        );
      }
      for (const left of running) end(left, 'neither', 0);
      jest.advanceTimersByTime(limits.maxOpenMs);
      expect(['closed', 'due']).toContain(circuit.state);
    }),
    { numRuns: 500 },
  );
});
