import { type ExchangeRecord, formatTarget } from '@signalbox/kit';
import type { ExchangeState } from './exchange.ts';

/** What the log gets of an exchange. `costUsd`: what all tries together have cost; `undefined` where that is not known. */
export function recordOf(exchange: ExchangeState, costUsd?: number): ExchangeRecord {
  const { principal, plan, target, lane, error } = exchange;
  const usage = exchange.wholeUsage ?? exchange.usage;
  return {
    id: exchange.id,
    time: new Date(performance.timeOrigin + exchange.startedAt).toISOString(),
    operation: exchange.operation,
    format: exchange.format,
    path: exchange.path,
    ...(principal === undefined ? {} : { principal: principal.id }),
    model: exchange.model,
    stream: exchange.stream,
    status: exchange.status,
    ...(plan === undefined ? {} : { route: plan.reason }),
    ...(target === undefined ? {} : { target: formatTarget(target) }),
    ...(lane === undefined ? {} : { lane }),
    attempts: exchange.attempts,
    ...(usage === undefined ? {} : { usage }),
    ...(costUsd === undefined ? {} : { costUsd }),
    notes: exchange.allNotes,
    ...(exchange.wantsReceipt ? { receipt: true } : {}),
    ...(error === undefined ? {} : { error }),
    aborted: exchange.aborted,
    timings: {
      ...(exchange.routedMs === undefined ? {} : { routedMs: exchange.routedMs }),
      ...(exchange.firstByteMs === undefined ? {} : { firstByteMs: exchange.firstByteMs }),
      totalMs: exchange.elapsedMs(),
    },
    bytesIn: exchange.receivedBytes,
    bytesOut: exchange.bytesOut,
  };
}
