import { type AttemptRecord, type ErrorInfo, type ExchangeRecord, formatTarget, summariseNotes } from '@signalbox/kit';

/** What looks like a provider's key; some providers quote the key in their errors. */
const KEY_LIKE = /\b(?:sk|pk|rk|key)-[A-Za-z0-9_*.-]{8,}|\bBearer\s+\S+/gi;

/**
 * The line of one exchange: names, numbers and codes. The notes one by one where `listNotes` says so, or the client asked for a
 * receipt. Nothing of it comes from headers or bodies; keys that stand in an
 * error's message are blotted out. Times in ms, counts in tokens, cost in USD.
 */
export function exchangeLine(record: ExchangeRecord, listNotes: boolean): object {
  const { timings, usage, error } = record;
  return {
    id: record.id,
    started: record.time,
    operation: record.operation,
    format: record.format,
    principal: record.principal,
    model: record.model,
    target: record.target,
    route: record.route,
    lane: record.lane,
    stream: record.stream,
    status: record.status,
    ms: round(timings.totalMs),
    firstByteMs: round(timings.firstByteMs),
    tokens: usage && {
      prompt: usage.promptTokens,
      cacheRead: usage.cacheReadTokens,
      cacheWrite: usage.cacheWriteTokens,
      cacheWrite1h: usage.cacheWrite1hTokens,
      completion: usage.completionTokens,
      reasoning: usage.reasoningTokens,
    },
    costUsd: record.costUsd,
    notes: summariseNotes(record.notes),
    noteList: (listNotes || record.receipt === true) && record.notes.length > 0 ? record.notes : undefined,
    attempts: record.attempts.map(attemptOf),
    error: error && errorOf(error),
    aborted: record.aborted || undefined,
    bytesIn: record.bytesIn,
    bytesOut: record.bytesOut,
  };
}

/** How bad it was: the gateway's or provider's fault, the caller's, or nobody's. A stream may fail behind its 200. */
export function levelOf({ status, aborted, error }: ExchangeRecord): 'info' | 'warn' | 'error' {
  const worst = aborted ? status : Math.max(status, error?.status ?? 0);
  if (worst >= 500) return 'error';
  return worst >= 400 || aborted || error !== undefined ? 'warn' : 'info';
}

/** What it was, and what became of it, for somebody who looks over many lines. */
export function messageOf({ status, model, target = 'nowhere', error }: ExchangeRecord): string {
  return `${status} ${model} → ${target}${error === undefined ? '' : `: ${error.code}`}`;
}

function attemptOf({ target, as, lane, startedMs, endedMs, outcome, providerStatus, error }: AttemptRecord): object {
  return {
    target: formatTarget(target),
    key: target.key,
    as,
    lane,
    outcome,
    ms: round(endedMs - startedMs),
    status: providerStatus,
    error: error && errorOf(error),
  };
}

function errorOf({ code, message }: ErrorInfo): object {
  return { code, message: message.replace(KEY_LIKE, '[key]') };
}

function round(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 10) / 10;
}
