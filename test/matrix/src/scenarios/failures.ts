import { setTimeout as sleep } from 'node:timers/promises';
import { cutAfter, headersThenHang, json, type Responder } from '@signalbox/testkit';
import { checkHeard } from '../checks.ts';
import type { Scenario } from '../scenario.ts';
import type { Exchange, Trial } from '../trial.ts';
import type { Ask } from '../wire.ts';

const ask: Ask = { turns: [{ role: 'user', text: 'Count to six.' }] };
const WORDS = ['one1 ', 'two2 ', 'three3 ', 'four4 ', 'five5 ', 'six6 '];
const MESSAGE = 'no capacity left today';
/** Nothing takes this long, on whatever machine. */
const NEVER_MS = 10_000;

/** The frames of a stream up to its third word. */
function half({ provider }: Trial): readonly string[] {
  const { frames } = provider.answer({ text: WORDS });
  return frames.slice(0, frames.findIndex((frame) => frame.includes('three3')) + 1);
}

/** The client is told of a failure, and nothing looks like success. A stream keeps the words that came. */
function checkFailure(trial: Trial, { status, said, record, raw }: Exchange): void {
  trial.check('failure', !said.ended, 'a mark of success on a failure');
  trial.check('failure', (said.error?.message ?? '') !== '', `no error in the client’s format: ${raw.slice(-200)}`);
  trial.check('log', record.error !== undefined, 'no error on record');
  for (const problem of said.problems) trial.check('wire', false, `the client stumbles: ${problem}`);
  if (!trial.stream) {
    trial.check('failure', status >= 500, `status ${status}`);
    return;
  }
  trial.check('failure', status === 200, `status ${status} of a stream that had begun`);
  const said3 = WORDS.slice(0, 3).join('');
  trial.check('answer', said3.startsWith(said.text) && said.text !== '', `the client reads ${said.text}`);
}

async function fail(trial: Trial, responder: Responder): Promise<void> {
  const exchange = await trial.askFor(trial.body(ask), responder);
  checkHeard(trial, exchange, ask);
  checkFailure(trial, exchange);
}

export const failures: readonly Scenario[] = [
  {
    name: 'provider error before the first byte',
    about: 'A 429 with `retry-after` is one for the client, too, in its format and with the provider’s words.',
    run: async (trial) => {
      const limited = json(429, trial.provider.error(429, MESSAGE), { 'retry-after': '7' });
      const exchange = await trial.askFor(trial.body(ask), limited);
      const { status, said, headers, record } = exchange;
      checkHeard(trial, exchange, ask);
      trial.check('failure', status === 429, `status ${status}`);
      trial.check('failure', said.error?.kind === trial.client.rateLimited, `an error of kind ${said.error?.kind}`);
      trial.check('failure', said.error?.message.includes(MESSAGE) === true, `the error says ${said.error?.message}`);
      trial.check('failure', headers.get('retry-after') === '7', `retry-after: ${headers.get('retry-after')}`);
      trial.check('failure', !said.ended, 'a mark of success on a failure');
      trial.check('log', record.error?.code === 'RATE_LIMITED', `recorded as ${record.error?.code}`);
    },
  },
  {
    name: 'provider error after the first byte',
    about: 'Streamed: an error in the middle of a 200. Whole: a 200 whose body is an error.',
    run: (trial) => {
      const { provider, stream } = trial;
      const before = half(trial);
      const parts = [...before, provider.errorFrame(MESSAGE, before.length)];
      return fail(trial, stream ? trial.streamed(parts) : json(200, provider.error(500, MESSAGE)));
    },
  },
  {
    name: 'cut stream',
    about: 'The connection is reset in the middle of the answer.',
    run: (trial) => {
      const parts = half(trial);
      const { body } = trial.provider.answer({ text: WORDS });
      const bytes = Buffer.byteLength(trial.stream ? parts.join('') : JSON.stringify(body)) - (trial.stream ? 0 : 9);
      const whole = trial.stream ? trial.streamed([...parts, 'more']) : json(200, body);
      return fail(trial, cutAfter(bytes, 'rst', whole));
    },
  },
  {
    name: 'client leaves',
    about: 'In the middle of a stream, or while it waits for a whole answer: the call of the provider ends at once.',
    run: async (trial) => {
      const { client, line, provider, stream } = trial;
      const headers = { 'content-type': stream ? provider.streamType : 'application/json' };
      line.answer(headersThenHang({ headers, content: stream ? half(trial) : '{' }));
      const leaving = new AbortController();
      const asking = trial.fetch(client.path(line.model, stream), trial.body(ask), leaving.signal);
      asking.catch(() => {}); // it is read below where something comes of it
      if (stream) {
        const reader = (await asking).body?.getReader();
        await reader?.read();
        reader?.closed.catch(() => {});
      } else {
        const givenUpAt = performance.now() + NEVER_MS;
        while (line.requests.length === 0 && performance.now() < givenUpAt) await sleep(2);
      }
      leaving.abort();
      const [request] = line.requests;
      const ended = await Promise.race([request?.aborted, sleep(NEVER_MS, undefined, { ref: false })]);
      trial.check('left', ended !== undefined, 'the call of the provider went on');
      const record = await line.record(0);
      trial.check('log', record.aborted === true, 'not on record as left');
    },
  },
];
