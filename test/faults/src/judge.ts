import type { ExchangeRecord } from '@signalbox/kit';
import { BOUND_MS, type Seen } from './ask.ts';
import type { Cell } from './cells.ts';
import { type Expected, USAGE, WORDS } from './fault.ts';

const WORD = /(?:alpha|beta)\d/g;

export interface Result extends Seen {
  readonly ms: number;
  /** Of each target; `undefined` where nobody counted. */
  readonly calls?: number;
  readonly fallbackCalls?: number;
  readonly record: ExchangeRecord | undefined;
  readonly records: number;
}

/** @returns what is wrong with what became of a cell's request. */
export function judge({ fault: { expected }, client, stream, fallback }: Cell, result: Result): readonly string[] {
  const problems: string[] = [];
  const check = (holds: boolean, what: string): void => {
    if (!holds) problems.push(what);
  };
  const { status, raw, ms, calls, fallbackCalls, record, records } = result;
  const error = record?.error;
  const breaks = expected.outcome === 'broken' && stream;
  const saved = fallback && expected.outcome !== 'answer' && !breaks && expected.movesOn === true;
  const answered = expected.outcome === 'answer' || saved;
  const words = client.visible(raw).match(WORD) ?? [];
  const speaker = saved ? 'beta' : 'alpha';

  check(ms < BOUND_MS, `took ${Math.round(ms)} ms`);
  check(records === 1, `${records} records`);
  const wanted = (stream ? undefined : expected.wholeCalls) ?? expected.calls;
  const [min, max] = typeof wanted === 'number' ? [wanted, wanted] : wanted;
  check(
    calls === undefined || (calls >= min && calls <= max),
    `${calls} calls instead of ${min === max ? min : `${min} to ${max}`}`,
  );
  check(fallbackCalls === undefined || fallbackCalls === (saved ? 1 : 0), `${fallbackCalls} calls of the fallback`);
  const expectedWords = answered ? (saved ? WORDS : (expected.words ?? WORDS)) : breaks ? undefined : 0;
  if (expectedWords !== undefined) check(words.length === expectedWords, `${words.length} words of ${expectedWords}`);
  check(
    words.every((word, index) => word === `${speaker}${index}`),
    `words out of order, or twice: ${words.join(' ')}`,
  );
  if (answered) {
    check(status === 200, `status ${status}`);
    check(client.success.test(raw), 'no mark of success');
    const kept = client.kept?.(raw).match(WORD) ?? words;
    check(kept.join() === words.join(), `words that are kept: ${kept.join(' ')}`);
    check(!client.error.test(raw), 'an error beside the answer');
    check(error === undefined, `recorded as ${error?.code}`);
    check(record?.attempts.at(-1)?.outcome === 'answered', 'the last attempt is not on record as answered');
    checkUsage(expected, saved, record, check);
    return problems;
  }
  check(!client.success.test(raw), 'a mark of success on a failure');
  check(client.error.test(raw), `no error in the client’s format: ${raw.slice(-200)}`);
  check(error !== undefined, 'no error on record');
  if (expected.code !== undefined)
    check(error?.code === expected.code, `code ${error?.code} instead of ${expected.code}`);
  const last = record?.attempts.at(-1)?.outcome;
  if (breaks) {
    check(status === 200, `status ${status} of a stream that had begun`);
    check(words.length > 0 && words.length <= WORDS, `${words.length} words before the break`);
    check(last === 'cut', `the attempt is on record as ${last}`);
  } else {
    check(status >= 400, `status ${status} for a failure`);
    if (expected.status !== undefined)
      check(status === expected.status, `status ${status} instead of ${expected.status}`);
    check(last === 'failed', `the attempt is on record as ${last}`);
  }
  return problems;
}

function checkUsage(
  expected: Expected,
  saved: boolean,
  record: ExchangeRecord | undefined,
  check: (holds: boolean, what: string) => void,
): void {
  const { promptTokens, completionTokens } = record?.usage ?? {};
  if (expected.usage === 'none' && !saved) {
    check(promptTokens === undefined && completionTokens === undefined, 'usage that nobody reported');
    return;
  }
  check(promptTokens === USAGE.promptTokens, `${promptTokens} prompt tokens on record`);
  if (expected.usage === 'prompt' && !saved) return;
  check(completionTokens === USAGE.completionTokens, `${completionTokens} completion tokens on record`);
}
