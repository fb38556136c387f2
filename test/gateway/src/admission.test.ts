import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Admission, type AttemptRecord, definePlugin, type ExchangeRecord, errors } from '@signalbox/kit';
import { cutAfter, hang, openaiChatTurn, providerError, reply, slow, sse } from '@signalbox/testkit';
import { anthropicHeaders, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const ask = (extra: object = {}, signal?: AbortSignal) =>
  fetch(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...anthropicHeaders },
    body: JSON.stringify(messagesBody(extra)),
    ...(signal === undefined ? {} : { signal }),
  });
const two = ['chat/first', 'anthropic/second'];
const chat = '/v1/chat/completions';
const messages = '/v1/messages';

/** Admits all targets but those of `refused`, and writes down what it saw. */
function doorman(refused: readonly string[] = []) {
  const asked: string[] = [];
  const ended: AttemptRecord[] = [];
  const admit: Admission = ({ model }) => {
    asked.push(model);
    if (refused.includes(model)) throw errors.rateLimited(`${model} is full`, { retryAfterSeconds: 7 });
    return (attempt) => void ended.push(attempt);
  };
  return { admit, asked, ended };
}

describe('an admission', () => {
  it('that refuses sends the request on without a call, whatever else moves on', async () => {
    const { admit, ended } = doorman(['first']);
    gateway = await startTestGateway({ targets: two, plan: { admit: [admit], moveOn: [] } });
    gateway.provider.on(messages, reply({ text: 'from the second' }));
    const answer = await ask();
    expect(await answer.text()).toContain('from the second');
    expect(answer.headers.get('x-signalbox-attempts')).toBeNull();
    expect(gateway.provider.requests).toHaveLength(1);
    const record = await gateway.nextRecord();
    expect(record.attempts).toMatchObject([
      { outcome: 'skipped', target: { model: 'first' }, error: { code: 'RATE_LIMITED' } },
      { outcome: 'answered', target: { model: 'second' } },
    ]);
    expect(ended).toEqual([record.attempts[1]]);
  });

  it('that refuses all targets is the answer', async () => {
    gateway = await startTestGateway({ targets: two, plan: { admit: [doorman(['first', 'second']).admit] } });
    const answer = await ask();
    expect(answer.status).toBe(429);
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(await answer.text()).toContain('second is full');
    expect(gateway.provider.requests).toHaveLength(0);
  });

  it('does not hide what a provider said before', async () => {
    gateway = await startTestGateway({
      targets: two,
      plan: { retry: { maxRetries: 0 }, admit: [doorman(['second']).admit] },
    });
    gateway.provider.on(chat, providerError(500, { message: 'the provider broke' }));
    expect(await (await ask()).text()).toContain('the provider broke');
  });

  it.each([
    () => {
      throw new TypeError('a slip');
    },
    // A function that gives nothing back may be asynchronous, as far as types go.
    async () => {
      throw new TypeError('a slip');
    },
  ])('whose end fails does no harm: %s', async (release) => {
    const told = Promise.withResolvers<object>();
    const error = (fields: object): void => told.resolve(fields);
    const log = definePlugin({
      name: 'log-test',
      apply: ({ setLogger }) => setLogger({ info: () => {}, warn: () => {}, error }),
    });
    gateway = await startTestGateway({ plan: { admit: [() => release] }, plugins: [[log]] });
    gateway.provider.on(messages, reply({ text: 'hi' }));
    expect((await ask()).status).toBe(200);
    expect(await told.promise).toMatchObject({ err: { message: 'a slip' } });
  });

  it('is asked before every retry, and told of every end', async () => {
    const { admit, asked, ended } = doorman();
    gateway = await startTestGateway({ targets: two, plan: { retry: { baseDelayMs: 1 }, admit: [admit] } });
    gateway.provider.on(chat, providerError(500, { message: 'oops' }));
    const { sse: stream } = openaiChatTurn({ text: 'word '.repeat(100) }, { model: 'first' });
    gateway.provider.on(messages, reply({ text: 'hi' }));
    await (await ask({ stream: true })).text();
    expect(asked).toEqual(['first', 'first', 'second']);
    expect(ended.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'answered']);
    gateway.provider.on(chat, cutAfter(Math.floor(stream.length / 2), 'fin', sse(stream)));
    await (await ask({ stream: true })).text();
    expect(ended[3]?.outcome).toBe('cut');
  });

  it('that waits holds the call back, and lets go when the client leaves', async () => {
    const ended: string[] = [];
    let waiting = () => {};
    const asked = new Promise<void>((resolve) => {
      waiting = resolve;
    });
    const first: Admission = () => (attempt) => void ended.push(attempt.outcome);
    const second: Admission = (_target, { signal }) => {
      waiting();
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    gateway = await startTestGateway({ plan: { admit: [first, second] } });
    const controller = new AbortController();
    const answer = ask({}, controller.signal).catch(() => {});
    await asked;
    controller.abort();
    await answer;
    expect(await gateway.nextRecord()).toMatchObject({ aborted: true, attempts: [{ outcome: 'aborted' }] });
    expect(ended).toEqual(['aborted']);
    expect(gateway.provider.requests).toHaveLength(0);
  });
});

describe('a hedge', () => {
  const plan = { hedge: { afterMs: 60 }, retry: { maxRetries: 0 } };
  const outcomes = async () =>
    (await gateway.nextRecord()).attempts.map(({ target, outcome, as }) => [target.model, outcome, as]);

  it('asks the next target when the first is silent, and cancels the loser at once', async () => {
    gateway = await startTestGateway({ targets: two, plan });
    gateway.provider.on(chat, hang());
    gateway.provider.on(messages, reply({ text: 'from the second' }));
    const answer = await ask();
    expect(await answer.text()).toContain('from the second');
    expect(answer.headers.get('x-signalbox-target')).toBe('anthropic/second');
    expect(answer.headers.get('x-signalbox-attempts')).toBe('2');
    const record = await gateway.nextRecord();
    expect(record.attempts.map(({ target, outcome, as }) => [target.model, outcome, as])).toEqual([
      ['first', 'aborted', undefined],
      ['second', 'answered', 'hedge'],
    ]);
    expect(record.usage).toEqual(record.attempts[1]?.usage);
    const cancelled = await gateway.provider.waitForRequest(0);
    await cancelled.aborted;
  });

  it('is not needed where the first answers in time', async () => {
    const afterMs = 500;
    gateway = await startTestGateway({ targets: two, plan: { ...plan, hedge: { afterMs } } });
    gateway.provider.on(chat, reply({ text: 'from the first' }));
    let record: ExchangeRecord;
    do {
      await (await ask()).text();
      record = await gateway.nextRecord();
      // Where the machine stood still for so long, the answer was not in time.
    } while ((record.attempts.at(-1)?.endedMs ?? 0) >= afterMs);
    expect(record.attempts).toMatchObject([{ outcome: 'answered', target: { model: 'first' } }]);
    const asked = gateway.provider.requests.length;
    await sleep(afterMs + 200);
    expect(gateway.provider.requests).toHaveLength(asked);
  });

  it('loses where the first is quicker after all, with the notes of the winner alone', async () => {
    gateway = await startTestGateway({ targets: two, plan });
    gateway.provider.on(chat, async (request, wire) => {
      await gateway.provider.waitForRequest(1);
      await reply({ text: 'from the first' })(request, wire);
    });
    gateway.provider.on(messages, hang());
    const answer = await ask({ context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] } });
    expect(await answer.text()).toContain('from the first');
    const record = await gateway.nextRecord();
    expect(record.attempts.map(({ outcome }) => outcome)).toEqual(['aborted', 'answered']);
    expect(record.target).toBe('chat/first');
    expect(record.notes.map(({ path }) => path)).toEqual(['context_management']);
  });

  it('goes to the same target where there is no other', async () => {
    gateway = await startTestGateway({ targets: ['chat/only'], plan });
    gateway.provider.once(chat, hang());
    gateway.provider.once(chat, reply({ text: 'at the second try' }));
    expect(await (await ask()).text()).toContain('at the second try');
    expect(await outcomes()).toEqual([
      ['only', 'aborted', undefined],
      ['only', 'answered', 'hedge'],
    ]);
  });

  it('fails over as ever, each target asked once, and waits for whoever is left', async () => {
    gateway = await startTestGateway({ targets: [...two, 'chat/third'], plan });
    gateway.provider.on(
      ({ path, body }) => path === chat && body?.model === 'first',
      slow(100, providerError(500, { message: 'first' })),
    );
    gateway.provider.on(messages, slow(150, providerError(503, { message: 'second' })));
    gateway.provider.on(
      ({ path, body }) => path === chat && body?.model === 'third',
      providerError(502, { message: 'third' }),
    );
    const answer = await ask();
    expect(answer.ok).toBe(false);
    expect((await outcomes()).map(([model, outcome]) => `${model} ${outcome}`).sort()).toEqual([
      'first failed',
      'second failed',
      'third failed',
    ]);
  });

  it('ends both calls at once when the client leaves', async () => {
    gateway = await startTestGateway({ targets: two, plan });
    gateway.provider.on(chat, hang());
    gateway.provider.on(messages, hang());
    const controller = new AbortController();
    const answer = ask({}, controller.signal).catch(() => {});
    const calls = [await gateway.provider.waitForRequest(0), await gateway.provider.waitForRequest(1)];
    controller.abort();
    // Neither of them would ever end by itself.
    await Promise.all(calls.map(({ aborted }) => aborted));
    await answer;
    expect(await gateway.nextRecord()).toMatchObject({
      aborted: true,
      attempts: [{ outcome: 'aborted' }, { outcome: 'aborted' }],
    });
  });

  it('leaves streams alone', async () => {
    gateway = await startTestGateway({ targets: two, plan });
    gateway.provider.on(chat, slow(150, reply({ text: 'from the first' })));
    expect(await (await ask({ stream: true })).text()).toContain('from the');
    expect(gateway.provider.requests).toHaveLength(1);
  });
});
