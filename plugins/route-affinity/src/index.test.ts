import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type ChatRequest, errors, type JsonObject, type RoutePlan } from '@signalbox/kit';
import fc from 'fast-check';
import { affinityHost, bareTurn, chosen, sessions, turn } from '../test/support.ts';

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
});
afterEach(() => {
  jest.useRealTimers();
});

const overloaded = errors.providerOverloaded('busy').info();
const PLAN = ['a/x', 'b/y'];

describe('a session', () => {
  it('stays at the target that answered it, the others stay behind, and nothing else changes', async () => {
    const { refine, ended } = await sessions();
    ended('b/y', turn('s'));
    const policy = { retry: { maxRetries: 3 }, moveOn: ['RATE_LIMITED'] };
    const { after, targets } = await refine(['a/x', 'b/y', 'b/z'], turn('s'), policy);
    expect(targets).toEqual(['b/y', 'a/x', 'b/z']);
    expect(after).toMatchObject({ ...policy, reason: 'the router says so; the session stays at b/y' });
  });

  it('is not another one, of another caller, agent, or model', async () => {
    const { refine, ended } = await sessions();
    ended('b/y', turn('s'));
    const agent = { headers: { 'x-claude-code-session-id': 's', 'x-claude-code-agent-id': 'a1' } };
    expect((await refine(PLAN, turn('t'))).kept).toBe(true);
    expect((await refine(PLAN, turn('s', { principal: { id: 'other' } }))).kept).toBe(true);
    expect((await refine(PLAN, turn('s', agent))).kept).toBe(true);
    expect((await refine(PLAN, turn('s', { model: 'small' }))).kept).toBe(true);
  });

  it('stays as long as its cache does, from its last answer on', async () => {
    for (const [ttl, ms] of [
      ['5m', 300_000],
      ['1h', 3_600_000],
    ] as const) {
      const { refine, ended } = await sessions({ ttl });
      ended('b/y', turn('s'));
      jest.advanceTimersByTime(ms - 1);
      expect((await refine(PLAN, turn('s'))).targets).toEqual(['b/y', 'a/x']);
      ended('b/y', turn('s'));
      jest.advanceTimersByTime(ms - 1);
      expect((await refine(PLAN, turn('s'))).targets).toEqual(['b/y', 'a/x']);
      jest.advanceTimersByTime(1);
      expect((await refine(PLAN, turn('s'))).kept).toBe(true);
    }
  });

  it('goes nowhere that the plan does not have', async () => {
    const { refine, ended } = await sessions();
    ended('b/y', turn('s'));
    expect((await refine(['a/x', 'b/other'], turn('s'))).kept).toBe(true);
  });

  it('stays at its key', async () => {
    const { refine, ended } = await sessions();
    ended('keyed#2/x', turn('s'));
    expect((await refine(['keyed#1/x', 'keyed#2/x', 'keyed#3/x'], turn('s'))).targets).toEqual([
      'keyed#2/x',
      'keyed#1/x',
      'keyed#3/x',
    ]);
    // A plan that leaves the key open still has it behind.
    expect((await refine(['a/x', 'keyed/x'], turn('s'))).targets).toEqual(['keyed#2/x', 'a/x', 'keyed/x']);
    ended('keyed#9/x', turn('gone'));
    expect((await refine(['a/x', 'keyed/x'], turn('gone'))).kept).toBe(true);
  });

  it.each<[string, object, boolean]>([
    ['failed', { outcome: 'failed', error: overloaded }, false],
    ['broke off', { outcome: 'cut', error: overloaded }, false],
    ['refused what the client sent', { outcome: 'failed', error: errors.contextOverflow('long').info() }, true],
    ['was left by the client', { outcome: 'aborted' }, true],
    ['had to wait for a limit of ours', { outcome: 'skipped', error: overloaded }, true],
  ])('leaves a target that %s, unless it is not to blame', async (_, record, stays) => {
    const { refine, ended } = await sessions();
    ended('b/y', turn('s'));
    ended('b/y', turn('s'), record);
    expect((await refine(PLAN, turn('s'))).kept).toBe(!stays);
  });

  it('does not leave its target for the failure of another', async () => {
    const { refine, ended } = await sessions();
    ended('b/y', turn('s'));
    ended('a/x', turn('s'), { outcome: 'failed', error: overloaded });
    expect((await refine(PLAN, turn('s'))).targets).toEqual(['b/y', 'a/x']);
  });

  it('is remembered across reloads, as one of so many', async () => {
    const { host, ended } = await sessions({ maxSessions: 2 });
    for (const session of ['s', 't', 'u']) ended('b/y', turn(session));
    const { refine } = await sessions({ maxSessions: 2 }, { ...host, hooks: affinityHost().hooks });
    const kept = [];
    for (const session of ['s', 't', 'u']) kept.push((await refine(PLAN, turn(session))).kept);
    expect(kept).toEqual([true, false, false]);
  });

  it('is none for a count of tokens', async () => {
    const { refine, ended } = await sessions();
    ended('b/y', turn('s', { operation: 'count-tokens' }));
    expect((await refine(PLAN, turn('s'))).kept).toBe(true);
    ended('b/y', turn('s'));
    expect((await refine(PLAN, turn('s', { operation: 'count-tokens' }))).kept).toBe(true);
  });
});

describe('what was chosen', () => {
  const asked = (targets: readonly string[], policy: Partial<RoutePlan> = {}) => chosen(bareTurn('s'), targets, policy);

  it('has places of its own: a title does not take the main loop with it', async () => {
    const { refine, ended } = await sessions();
    const [main, title] = [['a/x'], ['b/y']];
    ended('a/x', asked(main));
    ended('b/y', asked(title));
    // The title's target is the main loop's fallback.
    expect((await refine(['a/x', 'b/y'], asked(main))).targets).toEqual(['a/x', 'b/y']);
    expect((await refine(['b/y'], asked(title))).targets).toEqual(['b/y']);
  });

  it('is another thing in another scenario and in another order, however much the targets agree', async () => {
    const { refine, ended } = await sessions();
    ended('a/x', asked(['a/x', 'b/y']));
    expect((await refine(['b/y', 'a/x'], asked(['b/y', 'a/x']))).kept).toBe(true);
    expect((await refine(['b/y', 'a/x'], asked(['a/x', 'b/y'], { scenario: 'think' }))).kept).toBe(true);
  });

  it('is remembered while others come in between, each with its key or fallback', async () => {
    const { refine, ended } = await sessions();
    ended('keyed#2/x', asked(['keyed/x']));
    ended('b/y', asked(['keyed/long']));
    expect((await refine(['keyed#1/x', 'keyed#2/x', 'b/y'], asked(['keyed/x']))).targets?.[0]).toBe('keyed#2/x');
    expect((await refine(['keyed#1/long', 'b/y'], asked(['keyed/long']))).targets?.[0]).toBe('b/y');
  });

  it('is the same in any order that was drawn, and however others reorder it', async () => {
    const { refine, ended } = await sessions();
    ended('b/y', asked(['a/x', 'b/y']));
    expect((await refine(['a/x', 'b/y'], asked(['a/x', 'b/y']))).targets?.[0]).toBe('b/y');
    ended('keyed#2/x', asked(['keyed#2/x', 'keyed#1/x']));
    expect((await refine(['keyed#1/x', 'keyed#2/x'], asked(['keyed#1/x', 'keyed#2/x']))).targets?.[0]).toBe(
      'keyed#2/x',
    );
    const drawn = { drawn: true };
    ended('a/x', asked(['b/y', 'a/x'], drawn));
    expect((await refine(['b/y', 'a/x'], asked(['a/x', 'b/y'], drawn))).targets?.[0]).toBe('a/x');
  });

  it('is the plan that comes in where nothing was refined before', async () => {
    const { refine, ended } = await sessions();
    const first = bareTurn('s');
    await refine(PLAN, first);
    ended('b/y', first);
    expect((await refine(PLAN, bareTurn('s'))).targets?.[0]).toBe('b/y');
    expect((await refine(['a/x', 'b/y', 'b/z'], bareTurn('s'))).kept).toBe(true);
  });
});

describe('after a fallback', () => {
  it('a session stays there, or returns where the options say so', async () => {
    for (const [onFallback, expected] of [
      ['stay', ['b/y', 'a/x']],
      ['return', PLAN],
    ] as const) {
      const { refine, ended } = await sessions({ onFallback });
      ended('a/x', turn('s'));
      ended('a/x', turn('s'), { outcome: 'failed', error: overloaded });
      ended('b/y', turn('s'), {}, 'a/x');
      expect((await refine(PLAN, turn('s'))).targets).toEqual(expected);
    }
  });

  it('to another key of the same model it stays in any case', async () => {
    const { refine, ended } = await sessions({ onFallback: 'return' });
    ended('keyed#2/x', turn('s'), {}, 'keyed#1/x');
    expect((await refine(['keyed#1/x', 'keyed#2/x'], turn('s'))).targets).toEqual(['keyed#2/x', 'keyed#1/x']);
  });

  it('a target that the client names itself still comes first', async () => {
    const { refine, ended } = await sessions();
    const named = { model: 'a/x' };
    ended('b/y', turn('s', named), {}, 'a/x');
    expect((await refine(PLAN, turn('s', named))).kept).toBe(true);
    ended('keyed#2/x', turn('s', { model: 'keyed/x' }));
    expect((await refine(['keyed/x', 'a/x'], turn('s', { model: 'keyed/x' }))).targets?.[0]).toBe('keyed#2/x');
  });
});

describe('what makes a session', () => {
  const body = (value: JsonObject) => ({ headers: {}, rawBody: Buffer.from(JSON.stringify(value)) });

  it('a header of the options goes first, in any case', async () => {
    const { refine, ended } = await sessions({ headers: ['X-Thread'] });
    const headers = { 'x-thread': 't', 'x-claude-code-session-id': 's1' };
    ended('b/y', turn(undefined, { headers }));
    const other = { headers: { ...headers, 'x-claude-code-session-id': 's2' } };
    expect((await refine(PLAN, turn(undefined, other))).kept).toBe(false);
  });

  it('the session in the body is one', async () => {
    const { refine, ended } = await sessions({ prefix: false });
    ended('b/y', turn(undefined, body({ prompt_cache_key: 'k' })));
    expect((await refine(PLAN, turn(undefined, body({ prompt_cache_key: 'k' })))).kept).toBe(false);
    expect((await refine(PLAN, turn(undefined, body({ prompt_cache_key: 'l' })))).kept).toBe(true);
  });

  const said = (text: string, more: Partial<ChatRequest> = {}): Partial<ChatRequest> => ({
    system: [
      { type: 'text', text: 'You are helpful.' },
      { type: 'text', text: 'It is noon.' },
    ],
    messages: [{ role: 'user', content: [{ type: 'text', text }] }],
    ...more,
  });

  it('else the same beginning is one, however it goes on', async () => {
    const { refine, ended } = await sessions();
    ended('b/y', turn(undefined, { request: said('Hello.') }));
    const longer = said('Hello.', {
      system: [{ type: 'text', text: 'You are helpful.', cacheControl: {} }],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Hello.', cacheControl: {} }] },
        { role: 'assistant', content: [{ type: 'text', text: 'Hello!' }] },
        { role: 'user', content: [{ type: 'text', text: 'And now?' }] },
      ],
    });
    expect((await refine(PLAN, turn(undefined, { request: longer }))).targets).toEqual(['b/y', 'a/x']);
    expect((await refine(PLAN, turn(undefined, { request: said('Hi.') }))).kept).toBe(true);
    const other = said('Hello.', { system: [{ type: 'text', text: 'You are not.' }] });
    expect((await refine(PLAN, turn(undefined, { request: other }))).kept).toBe(true);
    const caller = { request: said('Hello.'), principal: { id: 'other' } };
    expect((await refine(PLAN, turn(undefined, caller))).kept).toBe(true);
  });

  it('unless the options say no, or it begins without words', async () => {
    const off = await sessions({ prefix: false });
    off.ended('b/y', turn());
    expect((await off.refine(PLAN, turn())).kept).toBe(true);
    const { refine, ended } = await sessions();
    ended('b/y', turn(undefined, { request: { messages: [] } }));
    expect((await refine(PLAN, turn(undefined, { request: { messages: [] } }))).kept).toBe(true);
  });

  it('decodes only for the beginning, and once', async () => {
    const { refine, ended } = await sessions();
    let decodes = 0;
    const decoding = (session?: string, fault?: Error) =>
      Object.defineProperty(turn(session), 'request', {
        get: () => {
          decodes++;
          if (fault !== undefined) throw fault;
          return said('Hello.', {}) as ChatRequest;
        },
      });
    await refine(PLAN, decoding('s'));
    expect(decodes).toBe(0);
    const exchange = decoding();
    await refine(PLAN, exchange);
    ended('a/x', exchange);
    expect(decodes).toBe(1);
    expect((await refine(PLAN, decoding(undefined, errors.unsupported('audio')))).kept).toBe(true);
    await expect(refine(PLAN, decoding(undefined, new RangeError('a bug')))).rejects.toThrow('a bug');
  });
});

describe('state that belongs to one account', () => {
  const holding = (value: JsonObject) =>
    turn('s', { format: 'openai-responses', rawBody: Buffer.from(JSON.stringify(value)) });
  const stored = () => holding({ previous_response_id: 'resp_1' });
  const encrypted = () => holding({ input: [{ type: 'reasoning', encrypted_content: 'gAAA' }] });
  const KEYS = ['keyed#1/x', 'keyed#2/x', 'b/y', 'keyed#2/z'];

  it('F77 a stored conversation goes to its account and nowhere else', async () => {
    const { refine, ended } = await sessions();
    ended('keyed#2/x', turn('s'));
    expect(await refine(KEYS, stored())).toMatchObject({
      targets: ['keyed#2/x', 'keyed#2/z'],
      reason: 'the router says so; the session stays at keyed#2/x; only keyed#2: the conversation is stored there',
    });
    expect((await refine(['keyed/x', 'a/x'], stored())).targets).toEqual(['keyed#2/x']);
  });

  it('F76 encrypted state goes to its account first, never to another one of the provider', async () => {
    const { refine, ended } = await sessions();
    ended('keyed#2/x', turn('s'));
    expect(await refine(KEYS, encrypted())).toMatchObject({
      targets: ['keyed#2/x', 'keyed#2/z', 'b/y'],
      reason: expect.stringContaining('first keyed#2: the request holds encrypted state of it'),
    });
  });

  it('F76 F77 is not forgotten with the cache, after a failure, or for another model', async () => {
    const { refine, ended } = await sessions();
    ended('keyed#2/x', turn('s'));
    ended('keyed#2/x', turn('s'), { outcome: 'failed', error: overloaded });
    jest.advanceTimersByTime(24 * 3_600_000);
    expect((await refine(KEYS, stored())).targets).toEqual(['keyed#2/x', 'keyed#2/z']);
    const other = turn('s', { model: 'other', format: 'openai-responses', rawBody: stored().rawBody });
    expect((await refine(['keyed#1/q', 'keyed#2/q'], other)).targets).toEqual(['keyed#2/q']);
  });

  it('F76 is of the account that answered its own kind of request, whoever answered others since', async () => {
    const { refine, ended } = await sessions();
    ended('keyed#2/x', turn('s'));
    ended('keyed#1/small', chosen(bareTurn('s'), ['keyed/small']));
    expect((await refine(KEYS, encrypted())).targets?.[0]).toBe('keyed#2/x');
  });

  it('is of the account that answered last, which a provider with one key has without a name', async () => {
    const { refine, ended } = await sessions();
    ended('keyed#2/x', turn('s'));
    ended('a/x', turn('s'));
    expect((await refine(['keyed#2/x', 'a/x', 'a/w'], stored())).targets).toEqual(['a/x', 'a/w']);
  });

  it('changes nothing where the account is not in the plan, gone, or the client names another provider', async () => {
    const { refine, ended } = await sessions();
    ended('keyed#2/x', turn('s'));
    expect((await refine(['keyed#1/x', 'b/y'], stored())).kept).toBe(true);
    const named = turn('s', { model: 'a/x', format: 'openai-responses', rawBody: stored().rawBody });
    expect((await refine(['a/x', 'keyed#2/x'], named)).kept).toBe(true);
    ended('keyed#9/x', turn('s'));
    expect((await refine(['keyed/x', 'b/y'], stored())).kept).toBe(true);
  });

  it('changes nothing for a session that is not known', async () => {
    const { refine } = await sessions();
    expect((await refine(KEYS, stored())).kept).toBe(true);
  });
});

it('keeps every target of a plan, whatever happened before, where nothing is bound', async () => {
  const target = fc.constantFrom('a/x', 'b/y', 'keyed#1/x', 'keyed#2/x', 'keyed#3/x');
  const outcome = fc.constantFrom('answered' as const, 'failed' as const, 'cut' as const, 'aborted' as const);
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(target, { minLength: 1 }),
      fc.array(fc.tuple(target, outcome)),
      async (plan, history) => {
        const { refine, ended } = await sessions();
        for (const [name, how] of history) ended(name, turn('s'), { outcome: how });
        const { targets = [] } = await refine(plan, turn('s'));
        expect([...targets].sort()).toEqual([...plan].sort());
        const place = history.filter(([, how]) => how !== 'aborted').at(-1);
        if (place?.[1] === 'answered' && plan.includes(place[0])) expect(targets[0]).toBe(place[0]);
      },
    ),
  );
});
