import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  type AttemptRecord,
  type Exchange,
  errors,
  type JsonObject,
  type LocalProvider,
  parseTarget,
  type RoutePlan,
  type SignalboxError,
  type Target,
  targetId,
} from '@signalbox/kit';
import { applyPlugin, type FakeExchangeOptions, type FakeHost, fakeExchange, fakeHost } from '@signalbox/testkit';
import { FAILURES } from './config.ts';
import health from './index.ts';

/** Without chance: what is taken off an open time is nothing. */
beforeEach(() => {
  jest.useFakeTimers();
  jest.spyOn(Math, 'random').mockReturnValue(0);
});
afterEach(() => {
  jest.useRealTimers();
  jest.restoreAllMocks();
});

const silent: LocalProvider = { answer: () => ({ kind: 'whole', message: { content: [], stopReason: 'end-turn' } }) };
const OPTIONS = {
  consecutiveFailures: 3,
  errorRate: 0.5,
  minRequests: 10,
  windowMs: 60_000,
  openMs: 1_000,
  maxOpenMs: 8_000,
  on: [...FAILURES],
};
const down = errors.providerFailed(500, 'oops');
const unreachable = errors.providerUnreachable('gone');

type End = (end?: Partial<AttemptRecord> & { failure?: SignalboxError }) => void;

interface Routed {
  readonly exchange: { -readonly [Key in keyof Exchange]: Exchange[Key] };
  readonly plan: RoutePlan;
  readonly targets: readonly string[];
  start(index?: number): Promise<End>;
}

async function gateway(options: JsonObject = {}, host: FakeHost = fakeHost()) {
  for (const name of ['a', 'b']) if (!host.hasProvider(name)) host.addProvider(name, silent);
  if (!host.hasProvider('many')) host.addProvider('many', { ...silent, keys: ['1', '2'] });
  await applyPlugin(health, { ...OPTIONS, ...options }, host);
  const route = async (targets: readonly (string | Target)[], given: FakeExchangeOptions = {}): Promise<Routed> => {
    const before: RoutePlan = {
      reason: 'the router says so',
      targets: targets.flatMap((one) => (typeof one === 'string' ? (parseTarget(one) ?? []) : one)),
    };
    const exchange: Routed['exchange'] = fakeExchange(given);
    const plan = (await host.hooks.route.promise(before, exchange)) ?? before;
    exchange.plan = plan;
    return {
      exchange,
      plan,
      targets: plan.targets.map(targetId),
      start: async (index = 0) => {
        const target = plan.targets[index] as Target;
        exchange.target = target;
        const startedMs = performance.now();
        const releases = await Promise.all((plan.admit ?? []).map(async (admit) => admit(target, exchange)));
        return ({ failure, ...end } = {}) => {
          const endedMs = performance.now();
          const attempt: AttemptRecord = {
            target,
            lane: 'canonical',
            startedMs,
            endedMs,
            ...(failure === undefined
              ? { outcome: 'answered', committedMs: endedMs, providerStatus: 200 }
              : {
                  outcome: 'failed',
                  error: failure.info(),
                  ...(failure.code === 'PROVIDER_UNREACHABLE' ? {} : { providerStatus: failure.status }),
                }),
            ...end,
          };
          for (const release of releases) release?.(attempt);
          host.hooks.attempt.call(attempt, exchange);
        };
      },
    };
  };
  const fail = async (times: number, failure = down, target: string | Target = 'a/x') => {
    for (let i = 0; i < times; i++) (await (await route([target])).start())({ failure });
  };
  return { host, route, fail, order: async () => (await route(['a/x', 'b/y'])).targets };
}

const circuits = (host: FakeHost) => host.health.get('circuits')?.();
const WELL = ['a/x', 'b/y'];
const RESTING = ['b/y', 'a/x'];

describe('a circuit opens', () => {
  it('on failures in a row, and then its target stands behind the others', async () => {
    const { fail, order, route } = await gateway();
    await fail(2);
    expect(await order()).toEqual(WELL);
    await fail(1);
    const { targets, plan } = await route(['a/x', 'b/y', 'a/z']);
    expect(targets).toEqual(['b/y', 'a/z', 'a/x']);
    expect(plan.reason).toBe('the router says so; a/x rests, for 1 s more (PROVIDER_FAILED)');
  });

  it('not where an answer comes in between', async () => {
    const { fail, order, route } = await gateway();
    await fail(2);
    (await (await route(['a/x'])).start())();
    await fail(2);
    expect(await order()).toEqual(WELL);
  });

  it('though an old answer comes to its end in between', async () => {
    const { fail, order, route } = await gateway();
    const long = await (await route(['a/x'])).start();
    jest.advanceTimersByTime(5_000);
    await fail(2);
    long();
    await fail(1);
    expect(await order()).toEqual(RESTING);
  });

  it.each([
    [10, 5, RESTING],
    [10, 4, WELL],
    [9, 5, WELL],
  ])('on a share of failures: of %i, %i', async (all, failures, expected) => {
    const { fail, order, route } = await gateway({ consecutiveFailures: 100 });
    for (let i = 0; i < all - failures; i++) (await (await route(['a/x'])).start())();
    await fail(failures);
    expect(await order()).toEqual(expected);
  });

  it('not on failures from before the window', async () => {
    const { fail, order, route } = await gateway({ consecutiveFailures: 100 });
    await fail(9);
    jest.advanceTimersByTime(60_001);
    for (let i = 0; i < 5; i++) (await (await route(['a/x'])).start())();
    await fail(4);
    expect(await order()).toEqual(WELL);
    await fail(1);
    expect(await order()).toEqual(RESTING);
  });

  it.each([
    ['a 500', down],
    ['an overload', errors.providerOverloaded('busy')],
    ['no connection', unreachable],
    ['no connection in time', errors.timeout('CONNECT', 'slow')],
    ['silence', errors.timeout('HEADERS', 'slow')],
    ['silence in an answer', errors.timeout('IDLE', 'slow')],
    ['a reply that is none', errors.malformedReply('what')],
    ['a cut before the first content', errors.cutStream('cut')],
    ['a refused key', errors.providerAuth('no')],
    ['an empty account', errors.providerBilling('pay')],
    ['a used-up quota', errors.quotaExhausted('gone')],
  ])('on %s', async (_name, failure) => {
    const { fail, order } = await gateway();
    await fail(3, failure);
    expect(await order()).toEqual(RESTING);
  });

  it.each([
    ['a bad request', errors.providerRejected(400, 'bad')],
    ['a refusal', errors.contentRefused('no')],
    ['a prompt that is too long', errors.contextOverflow('long')],
    ['a rate limit', errors.rateLimited('slow')],
    ['an unknown model', errors.modelNotFound('who')],
  ])('not on %s', async (_name, failure) => {
    const { fail, order } = await gateway();
    await fail(20, failure);
    expect(await order()).toEqual(WELL);
  });

  it('not on clients that leave, or on what an admission refuses', async () => {
    const { order, route } = await gateway();
    for (const outcome of ['aborted', 'skipped'] as const) {
      for (let i = 0; i < 5; i++) (await (await route(['a/x'])).start())({ failure: down, outcome });
    }
    expect(await order()).toEqual(WELL);
  });

  it('on cut answers', async () => {
    const { order, route } = await gateway();
    for (let i = 0; i < 3; i++) {
      (await (await route(['a/x'])).start())({ outcome: 'cut', error: errors.cutStream('cut').info() });
    }
    expect(await order()).toEqual(RESTING);
  });

  it('not on cut answers where the options leave them out; a success they are not', async () => {
    const { fail, order, route } = await gateway({ on: ['PROVIDER_FAILED'] });
    await fail(2);
    (await (await route(['a/x'])).start())({ outcome: 'cut', error: errors.cutStream('cut').info() });
    expect(await order()).toEqual(WELL);
    await fail(1);
    expect(await order()).toEqual(RESTING);
  });

  it('on whatever the options say', async () => {
    const { fail, order } = await gateway({ on: ['RATE_LIMITED'] });
    await fail(5);
    expect(await order()).toEqual(WELL);
    await fail(3, errors.rateLimited('slow'));
    expect(await order()).toEqual(RESTING);
  });
});

describe('a circuit is', () => {
  it('the target’s for what its model does', async () => {
    const { fail, route } = await gateway();
    await fail(3);
    expect((await route(['a/x', 'a/z'])).targets).toEqual(['a/z', 'a/x']);
  });

  it('the whole provider’s for connections', async () => {
    const { fail, route, host } = await gateway();
    await fail(3, unreachable);
    expect((await route(['a/z', 'b/y'])).targets).toEqual(['b/y', 'a/z']);
    expect(Object.keys(circuits(host) ?? {})).toEqual(['a']);
  });

  it('the key’s for its account, and the first key’s where none is named', async () => {
    const { fail, route } = await gateway();
    const key = (name: string, model: string): Target => ({ provider: 'many', model, key: name });
    await fail(3, errors.providerBilling('pay'), 'many/x');
    expect((await route([key('1', 'z'), key('2', 'z')])).targets).toEqual(['many#2/z', 'many#1/z']);
    await fail(3, down, key('2', 'z'));
    expect((await route([key('2', 'z'), 'a/x', key('2', 'x')])).targets).toEqual(['a/x', 'many#2/x', 'many#2/z']);
  });

  it('not opened by a caller’s own key', async () => {
    const { route, order } = await gateway();
    const own = { principal: { id: 'ann', credential: 'sk-ann' } };
    for (let i = 0; i < 5; i++) (await (await route(['a/x'], own)).start())({ failure: errors.providerBilling('pay') });
    expect(await order()).toEqual(WELL);
  });
});

describe('after its time', () => {
  it('exactly one request at a time finds out; the others go elsewhere', async () => {
    const { fail, order, route } = await gateway();
    await fail(3);
    jest.advanceTimersByTime(1_000);
    const plans = [await route(WELL), await route(WELL), await route(WELL)];
    expect(plans.map(({ targets }) => targets)).toEqual([WELL, WELL, WELL]);
    expect(plans[0]?.plan.reason).toBe('the router says so; a/x is tried again');
    const starts = await Promise.allSettled(plans.map((plan) => plan.start()));
    expect(starts.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(starts[1]).toMatchObject({ reason: { code: 'PROVIDER_OVERLOADED', retryable: true } });
    expect((await route(WELL)).plan.reason).toContain('a/x rests, it is being tried again');
    (starts[0] as PromiseFulfilledResult<End>).value();
    expect(await order()).toEqual(WELL);
  });

  it('a failed probe leaves it open for twice as long, up to a bound', async () => {
    const { fail, order, route, host } = await gateway();
    await fail(3);
    for (const openMs of [1_000, 2_000, 4_000, 8_000, 8_000]) {
      jest.advanceTimersByTime(openMs - 1);
      expect(await order()).toEqual(RESTING);
      jest.advanceTimersByTime(1);
      const probe = await route(WELL);
      expect(probe.targets).toEqual(WELL);
      (await probe.start())({ failure: down });
      expect(await order()).toEqual(RESTING);
    }
    expect(host.logged.map(({ fields }) => (fields as { openMs: number }).openMs)).toEqual([
      1_000, 2_000, 4_000, 8_000, 8_000, 8_000,
    ]);
    jest.advanceTimersByTime(8_000);
    (await (await route(WELL)).start())();
    await fail(3);
    jest.advanceTimersByTime(1_000);
    expect(await order()).toEqual(WELL);
  });

  it('takes off up to a quarter at random', async () => {
    jest.spyOn(Math, 'random').mockReturnValue(0.999);
    const { fail, order } = await gateway();
    await fail(3);
    jest.advanceTimersByTime(749);
    expect(await order()).toEqual(RESTING);
    jest.advanceTimersByTime(2);
    expect(await order()).toEqual(WELL);
  });

  it.each([
    [5, 5_000],
    [60, 8_000],
  ])('waits for a retry-after of %i s, up to the bound', async (retryAfterSeconds, ms) => {
    const { fail, order } = await gateway();
    await fail(3, errors.providerOverloaded('busy', { retryAfterSeconds }));
    jest.advanceTimersByTime(ms - 1);
    expect(await order()).toEqual(RESTING);
    jest.advanceTimersByTime(1);
    expect(await order()).toEqual(WELL);
  });

  it('needs one answer only, though all probes before have failed', async () => {
    const { fail, order, route } = await gateway();
    await fail(3);
    jest.advanceTimersByTime(1_000);
    (await (await route(WELL)).start())();
    await fail(2);
    expect(await order()).toEqual(WELL);
  });

  it.each<[string, Partial<AttemptRecord> & { failure: SignalboxError }]>([
    ['whose client left', { failure: errors.clientClosed(), outcome: 'aborted' }],
    ['that was the client’s own mistake', { failure: errors.contextOverflow('long') }],
    ['that another admission refused', { failure: errors.rateLimited('ours'), outcome: 'skipped' }],
  ])('a probe %s shows nothing: the next request is the probe', async (_name, end) => {
    const { fail, route } = await gateway();
    await fail(3);
    jest.advanceTimersByTime(1_000);
    (await (await route(WELL)).start())(end);
    const next = await route(WELL);
    expect(next.plan.reason).toContain('a/x is tried again');
    await next.start();
    const after = await route(WELL);
    expect(after.targets).toEqual(RESTING);
    expect(after.plan.reason).toContain('a/x rests, it is being tried again');
  });

  it('a stream closes it with its first content, not with its end', async () => {
    const { fail, order, route, host } = await gateway();
    await fail(3);
    jest.advanceTimersByTime(1_000);
    const probe = await route(WELL);
    const end = await probe.start();
    expect(await order()).toEqual(RESTING);
    probe.exchange.lane = 'canonical';
    expect(await order()).toEqual(WELL);
    end();
    expect(host.logged.map(({ message }) => message)).toEqual(['a/x fails and is left alone', 'a/x answers again']);
  });

  it('an answer of another target of the same request is not its own', async () => {
    const { fail, order, route } = await gateway();
    await fail(3);
    jest.advanceTimersByTime(1_000);
    const probe = await route(WELL);
    await probe.start();
    probe.exchange.target = probe.plan.targets[1];
    probe.exchange.lane = 'canonical';
    expect(await order()).toEqual(RESTING);
  });

  it('an answer to a request from before shows nothing', async () => {
    const { fail, order, route } = await gateway();
    const old = await (await route(['a/x'])).start();
    jest.advanceTimersByTime(10);
    await fail(3);
    old();
    expect(await order()).toEqual(RESTING);
  });

  it('a probe probes all circuits of its target that are due', async () => {
    const { fail, route, order } = await gateway();
    await fail(3);
    await fail(3, unreachable);
    jest.advanceTimersByTime(1_000);
    const probe = await (await route(WELL)).start();
    expect((await route(['a/z', 'b/y'])).plan.reason).toContain('a rests, it is being tried again');
    probe({ failure: down });
    // The connection was there; the target still fails.
    expect((await route(['a/z', 'b/y'])).targets).toEqual(['a/z', 'b/y']);
    expect(await order()).toEqual(RESTING);
  });
});

describe('where no other target is left', () => {
  it('they are tried all the same, in their order, and the reason says so', async () => {
    const { fail, route } = await gateway();
    await fail(3);
    await fail(3, down, 'b/y');
    const { targets, plan, start } = await route(WELL);
    expect(targets).toEqual(WELL);
    expect(plan.reason).toContain('no other target is left, so they are tried all the same');
    (await start())({ failure: down });
    await start(1);
  });

  it('an answer closes the circuit before its time', async () => {
    const { fail, route, order } = await gateway();
    await fail(3);
    jest.advanceTimersByTime(10);
    (await (await route(['a/x'])).start())();
    expect(await order()).toEqual(WELL);
  });

  it('their failures do not make it longer', async () => {
    const { fail, order } = await gateway();
    await fail(3);
    jest.advanceTimersByTime(500);
    await fail(20);
    jest.advanceTimersByTime(500);
    expect(await order()).toEqual(WELL);
  });

  it('the last of a plan is tried though it rests', async () => {
    const { fail, route } = await gateway();
    await fail(3);
    const { targets, start } = await route(WELL);
    expect(targets).toEqual(RESTING);
    await expect(start(1)).resolves.toBeInstanceOf(Function);
  });
});

it('logs every change once', async () => {
  const { fail, route, host } = await gateway();
  await fail(3);
  await fail(3);
  jest.advanceTimersByTime(1_000);
  (await (await route(WELL)).start())({ failure: down });
  jest.advanceTimersByTime(2_000);
  (await (await route(WELL)).start())();
  (await (await route(WELL)).start())();
  expect(host.logged.map(({ level, message }) => `${level} ${message}`)).toEqual([
    'warn a/x fails and is left alone',
    'warn a/x still fails and is left alone',
    'info a/x answers again',
  ]);
});

it('shows in /health what is open or failing', async () => {
  const { fail, route, host } = await gateway();
  (await (await route(['b/y'])).start())();
  expect(circuits(host)).toEqual({});
  await fail(1, down, 'b/z');
  await fail(3);
  jest.advanceTimersByTime(100);
  expect(circuits(host)).toEqual({
    'b/z': { state: 'closed', failuresInRow: 1, lastCode: 'PROVIDER_FAILED' },
    'a/x': { state: 'open', failuresInRow: 3, lastCode: 'PROVIDER_FAILED', retryInSeconds: 1 },
  });
});

it('keeps its circuits over a reload of the config, and judges by the new options', async () => {
  const { fail, host } = await gateway();
  await fail(2);
  const after = await gateway({ consecutiveFailures: 4 }, Object.assign(fakeHost(), { kept: host.kept }));
  await after.fail(1);
  expect(await after.order()).toEqual(WELL);
  await after.fail(1);
  expect(await after.order()).toEqual(RESTING);
});

it('remembers a bounded number of targets', async () => {
  const { fail, host } = await gateway();
  for (let i = 0; i < 2_500; i++) await fail(1, down, `a/m${i}`);
  expect(Object.keys(circuits(host) ?? {}).length).toBeLessThanOrEqual(2_000);
});
