import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  definePlugin,
  formatTarget,
  type JsonObject,
  type ModelInfo,
  type Plugin,
  Stage,
  type Target,
} from '@signalbox/kit';
import providerCompatible from '@signalbox/provider-compatible';
import affinity from '@signalbox/route-affinity';
import capability from '@signalbox/route-capability';
import context from '@signalbox/route-context';
import cost from '@signalbox/route-cost';
import latency from '@signalbox/route-latency';
import rules from '@signalbox/route-rules';
import { json, providerError, reply } from '@signalbox/testkit';
import { anthropicHeaders, chatBody, messagesBody, startTestGateway, type TestGateway } from './harness.ts';
import { skippingClock } from './skip-time.ts';

let gateway: TestGateway;
afterEach(async () => {
  await gateway.close();
  jest.restoreAllMocks();
});

const MESSAGES = '/v1/messages';
const CHAT = '/v1/chat/completions';
const PICTURE = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } };
const long = (chars: number) => messagesBody({ messages: [{ role: 'user', content: 'x'.repeat(chars) }] });
const session = (id: string) => ({ 'x-claude-code-session-id': id });

type Entries = readonly (readonly [Plugin, JsonObject?])[];

async function start(targets: readonly string[], plugins: Entries | ((url: string) => Entries)): Promise<void> {
  gateway = await startTestGateway({ targets, plugins });
  gateway.provider.on(MESSAGES, reply({ text: 'Done.' }));
  gateway.provider.on(CHAT, reply({ text: 'Done.' }));
}

/** What is known of `provider/model`. */
function facts(models: Readonly<Record<string, Omit<ModelInfo, 'id'>>>): Plugin {
  return definePlugin({
    name: 'facts',
    apply: (host) => {
      host.addModelFacts((target) => {
        const known = models[formatTarget(target)];
        return known && { id: target.model, ...known };
      });
    },
  });
}

/** Sends a request and gives its record, with the places where it came out. */
async function ask(body: object, headers: Record<string, string> = {}, path = MESSAGES) {
  const before = gateway.provider.requests.length;
  const answer = await gateway.post(path, body, { ...anthropicHeaders, ...headers });
  const text = await answer.text();
  const record = await gateway.nextRecord();
  const reached = gateway.provider.requests.slice(before);
  return {
    status: answer.status,
    text,
    record,
    models: reached.map((request) => request.body?.model),
    keys: reached.map((request) => request.headers.authorization),
  };
}

describe('route-rules', () => {
  it('sends requests by what is known of them, and leaves their lane as it is', async () => {
    await start(
      ['anthropic/rest'],
      [
        [
          rules,
          {
            rules: [
              { name: 'team', when: 'header("x-team") == "a"', to: ['anthropic/team', 'chat/team'] },
              { when: 'images', to: 'chat/vision' },
              {
                when: 'model.fits("shared-*")',
                to: [
                  { target: 'anthropic/one', weight: 1 },
                  { target: 'anthropic/two', weight: 1 },
                ],
              },
            ],
          },
        ],
      ],
    );
    const team = await ask(messagesBody(), { 'x-team': 'a' });
    expect(team).toMatchObject({ models: ['team'], record: { lane: 'pass-through' } });
    expect(team.record.route).toContain('the rule "team" applies: header("x-team") == "a"');
    expect((await ask(messagesBody({ messages: [{ role: 'user', content: [PICTURE] }] }))).models).toEqual(['vision']);
    expect((await ask(messagesBody())).models).toEqual(['rest']);
    const shared = messagesBody({ model: 'shared-1' });
    for (let index = 0; index < 12; index++) {
      const first = await ask(shared, session(`s${index}`));
      expect((await ask(shared, session(`s${index}`))).models).toEqual(first.models);
    }
    expect(new Set(gateway.records.slice(-24).map(({ target }) => target))).toEqual(
      new Set(['anthropic/one', 'anthropic/two']),
    );
  });

  it('does not start with a condition that cannot work', async () => {
    await start(['anthropic/x'], []);
    await expect(
      gateway.reload({ plugins: [[rules, { rules: [{ when: 'modle == "x"', to: 'a/x' }] }]] }),
    ).rejects.toThrow('rules[0].when: Unknown variable: modle (at character 1). Did you mean "model"?');
  });
});

describe('route-cost', () => {
  it('asks the cheapest target first, and the others when it fails', async () => {
    const prices = {
      'anthropic/dear': { prices: { input: 3, output: 15 } },
      'chat/cheap': { prices: { input: 1, output: 2 } },
    };
    await start(['anthropic/dear', 'chat/cheap'], [[facts(prices)], [cost]]);
    expect((await ask(messagesBody())).models).toEqual(['cheap']);
    gateway.provider.once(CHAT, providerError(503, { message: 'down' }));
    const { models, record } = await ask(messagesBody());
    expect(models).toEqual(['cheap', 'dear']);
    expect(record.route).toContain('chat/cheap is the cheapest of 2');
  });
});

describe('route-latency', () => {
  it('moves on to the target that begins to answer sooner', async () => {
    await start(['anthropic/slow', 'chat/quick'], [[latency, { minSamples: 1, explore: 0.5 }]]);
    const skip = skippingClock();
    gateway.provider.on(MESSAGES, (request, wire) => {
      skip(60_000);
      return reply({ text: 'Done.' })(request, wire);
    });
    const body = messagesBody({ stream: true });
    expect((await ask(body)).models).toEqual(['slow']);
    // From now on the other one is tried with every second request, on average.
    for (let tries = 0; tries < 40 && (await ask(body)).models[0] !== 'quick'; tries++);
    const { models, record } = await ask(body);
    expect(models).toEqual(['quick']);
    expect(record.route).toMatch(/chat\/quick is the fastest of 2 \(p50 \d+ ms to the first content\)/);
  });
});

describe('route-context', () => {
  const windows = { 'anthropic/small': { contextTokens: 1_000 }, 'chat/large': { contextTokens: 100_000 } };

  it('F10 tells the client to compact, in each format, and asks no provider', async () => {
    await start(['anthropic/small'], [[facts(windows)], [context]]);
    const refused = await ask(long(8_000));
    expect(refused).toMatchObject({ status: 400, models: [], record: { error: { code: 'CONTEXT_OVERFLOW' } } });
    expect(JSON.parse(refused.text)).toMatchObject({
      type: 'error',
      error: {
        type: 'invalid_request_error',
        // The window less an eighth for the answer, and a twentieth for the error of the estimate.
        message: expect.stringMatching(/^prompt is too long: \d+ tokens > 857 maximum$/),
      },
    });
    const chat = await ask(chatBody({ messages: [{ role: 'user', content: 'x'.repeat(8_000) }] }), {}, CHAT);
    expect(chat).toMatchObject({ status: 400, models: [] });
    expect(JSON.parse(chat.text)).toMatchObject({ error: { code: 'context_length_exceeded' } });
    expect((await ask(messagesBody())).models).toEqual(['small']);
  });

  it('still counts the tokens of what is too long', async () => {
    await start(['anthropic/small'], [[facts(windows)], [context]]);
    gateway.provider.on(`${MESSAGES}/count_tokens`, json(200, { input_tokens: 4_321 }));
    const answer = await gateway.post(`${MESSAGES}/count_tokens`, long(8_000), anthropicHeaders);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ input_tokens: 4_321 });
  });

  it('moves up, and reroutes what the client named itself only where the options say so', async () => {
    await start(['anthropic/small', 'chat/large'], [[facts(windows)], [context]]);
    expect((await ask(long(8_000))).models).toEqual(['large']);
    const named = { ...long(8_000), model: 'anthropic/small' };
    expect(await ask(named)).toMatchObject({ status: 400, models: [] });
    const larger = { larger: { 'anthropic/small': ['chat/large'] } };
    await gateway.reload({ targets: ['anthropic/small'], plugins: [[facts(windows)], [context, larger]] });
    expect((await ask(named)).models).toEqual(['large']);
  });
});

describe('route-capability', () => {
  const picture = messagesBody({ messages: [{ role: 'user', content: [PICTURE] }] });
  const blind = { capabilities: { images: false, tools: false } };

  it('skips what cannot do it', async () => {
    await start(['anthropic/blind', 'chat/seeing'], [[facts({ 'anthropic/blind': blind })], [capability]]);
    expect((await ask(messagesBody())).models).toEqual(['blind']);
    const { models, record } = await ask(picture);
    expect(models).toEqual(['seeing']);
    expect(record.route).toContain('skipped: anthropic/blind has no images');
  });

  it('refuses in words on which Claude Code goes on without the images, and names anything else', async () => {
    await start(['anthropic/blind'], [[facts({ 'anthropic/blind': blind })], [capability]]);
    expect(await ask(picture)).toMatchObject({
      status: 400,
      models: [],
      text: expect.stringContaining('"Could not process image"'),
    });
    const tools = [{ name: 'Read', input_schema: { type: 'object' } }];
    expect(await ask(messagesBody({ tools }))).toMatchObject({
      status: 400,
      models: [],
      text: expect.stringContaining('anthropic/blind has no tools'),
    });
  });
});

describe('route-affinity', () => {
  /** Begins every plan with the next of the keys, as spreading does. */
  const spread = () => {
    let turn = 0;
    return definePlugin({
      name: 'spread',
      apply: ({ hooks }) => {
        hooks.route.tap({ name: 'spread', stage: Stage.Rule }, () => {
          const keys = ['1', '2', '3'].map((_, index) => String(((turn + index) % 3) + 1));
          turn++;
          const targets = keys.map((key): Target => ({ provider: 'pool', model: 'm', key }));
          return { targets, reason: 'spread', retry: { maxRetries: 0 } };
        });
      },
    });
  };
  const plugins = (url: string): Entries => [
    [providerCompatible, { name: 'pool', baseUrl: `${url}/v1`, apiKeys: ['k1', 'k2', 'k3'] }],
    [spread()],
    [affinity],
  ];

  it('F76 F77 keeps a session at its key, over a reload, until that fails', async () => {
    await start([], plugins);
    const keyOf = async (id: string) => (await ask(messagesBody(), session(id))).keys;
    const [first, other] = [await keyOf('s'), await keyOf('t')];
    expect(first).not.toEqual(other);
    for (let times = 0; times < 4; times++) {
      expect(await keyOf('s')).toEqual(first);
      expect(await keyOf('t')).toEqual(other);
    }
    await gateway.reload({ plugins });
    expect([await keyOf('s'), await keyOf('t')]).toEqual([first, other]);
    gateway.provider.once(CHAT, providerError(429, { message: 'slow down' }));
    const moved = await keyOf('s');
    expect(moved).toEqual([first[0], expect.not.stringContaining(String(first[0]))]);
    expect(await keyOf('s')).toEqual(moved.slice(1));
    expect(gateway.records.at(-1)?.route).toMatch(/^spread; the session stays at pool#\d\/m$/);
  });
});

describe('all of them', () => {
  it('decide in their order, each with its reason, and keep the rest of the plan for when it fails', async () => {
    const known = facts({
      'anthropic/a': { prices: { input: 3, output: 15 }, capabilities: { tools: true } },
      'anthropic/b': { prices: { input: 2, output: 10 }, contextTokens: 1_000 },
      'chat/c': { prices: { input: 1, output: 5 }, capabilities: { tools: false } },
    });
    await start(
      [],
      [
        [known],
        [rules, { rules: [{ to: ['anthropic/a', 'anthropic/b', 'chat/c'] }] }],
        [cost],
        [latency],
        [capability],
        [context],
        [affinity],
      ],
    );
    expect((await ask(messagesBody())).models).toEqual(['c']);
    const tools = [{ name: 'Read', input_schema: { type: 'object' } }];
    const { models, record } = await ask({ ...long(8_000), tools });
    expect(models).toEqual(['a']);
    expect(record.route).toMatch(
      /^rule 1 takes everything; chat\/c is the cheapest of 3; skipped: chat\/c has no tools; without anthropic\/b, whose window/,
    );
    expect(record.lane).toBe('pass-through');
    gateway.provider.once(CHAT, providerError(401, { message: 'no' }));
    expect((await ask(messagesBody({ messages: [{ role: 'user', content: 'Another one.' }] }))).models).toEqual([
      'c',
      'b',
    ]);
  });
});
