import type { AttemptRecord, Reply, RoutePlan, Target } from '@signalbox/kit';
import type { ExchangeState } from './exchange.ts';
import { type Attempting, abandonAttempt } from './try-target.ts';

type TryInOrder = (exchange: ExchangeState, queue: Target[], as?: AttemptRecord['as']) => Promise<Reply>;

/**
 * Tries the targets of the plan, and after a while of silence the next one beside the first. The first to answer is
 * taken over by `exchange`; the other is cancelled at once, and on record as aborted. Both take their targets from one
 * queue, so that none is asked twice; where there is only one, the second try goes there, too.
 * @throws {SignalboxError} what `tryInOrder` makes of the failures of both.
 */
export function hedge(
  generation: Attempting,
  exchange: ExchangeState,
  { afterMs }: NonNullable<RoutePlan['hedge']>,
  tryInOrder: TryInOrder,
): Promise<Reply> {
  const [...queue] = exchange.plan?.targets ?? [];
  const only = queue.length === 1 ? queue[0] : undefined;
  const running = new Set<ExchangeState>();
  return new Promise((resolve, reject) => {
    const start = (targets: Target[], as?: AttemptRecord['as']): void => {
      const fork = exchange.fork();
      running.add(fork);
      tryInOrder(fork, targets, as).then(
        (reply) => {
          clearTimeout(timer);
          if (!running.delete(fork)) return;
          for (const other of running) abandonAttempt(generation, other);
          running.clear();
          exchange.adopt(fork);
          resolve(reply);
        },
        (error: unknown) => {
          // The other one may still answer; before there is one, nothing is left to wait for.
          if (!running.delete(fork) || running.size > 0) return;
          clearTimeout(timer);
          exchange.target = fork.target;
          reject(error);
        },
      );
    };
    const timer = setTimeout(() => start(only === undefined ? queue : [only], 'hedge'), afterMs);
    exchange.onRelease(() => {
      clearTimeout(timer);
      for (const fork of running) exchange.endFork(fork);
    });
    start(queue);
  });
}
