import { describe, expect, it } from '@jest/globals';
import type { ChatRequest, JsonObject, LocalProvider } from '@signalbox/kit';
import { formatTarget } from '@signalbox/kit';
import { applyPlugin, type FakeExchangeOptions, fakeExchange, fakeHost } from '@signalbox/testkit';
import subagents from './index.ts';

const silent: LocalProvider = {
  answer: () => ({ kind: 'whole', message: { content: [], stopReason: 'end-turn' } }),
};
const headers = { 'x-claude-code-agent-id': 'a0000000000000007' };
const ATTRIBUTION = 'x-anthropic-billing-header: cc_version=1.2.3; cc_is_subagent=true;';

async function plugin(options: JsonObject, providers: readonly string[] = ['a', 'b']) {
  const host = fakeHost();
  for (const name of providers) host.addProvider(name, silent);
  await applyPlugin(subagents, { agents: {}, prompts: [], tags: true, ...options }, host);
  const plan = async (given: FakeExchangeOptions) => {
    const exchange = fakeExchange(given);
    return { exchange, plan: await host.hooks.route.promise(undefined, exchange) };
  };
  const target = async (given: FakeExchangeOptions) => (await plan(given)).plan?.targets.map(formatTarget).join();
  return { host, plan, target };
}

/** A request as a subagent sends it: attribution, identity, its own prompt, a reminder, its task. */
function agent(prompt: string, task = 'Do it.', extra: FakeExchangeOptions = {}): FakeExchangeOptions {
  const system = [ATTRIBUTION, 'You are an SDK agent.', prompt].map((text) => ({ type: 'text', text }) as const);
  const texts = ['<system-reminder>\nThe project is called Zebra.\n</system-reminder>', task];
  const content = texts.map((text) => ({ type: 'text', text }) as const);
  return { headers, request: { system, messages: [{ role: 'user', content }] }, ...extra };
}

describe('agents', () => {
  it.each([
    ['reviewer', 'You are a code reviewer. Be brief.\nNotes', true],
    ['Code Reviewer', 'You are a code reviewer.', true],
    ['view', 'You are a code reviewer.', false],
    ['*view*', 'You are a code reviewer.', true],
    ['code*brief', 'You are a code reviewer. Be brief.', true],
    ['notes', 'You are a code reviewer.\nNotes', false],
    ['reviewer', '\n\n  reviewer of code', true],
    ['a.b', 'You are a-b.', false],
    ['*', 'anything', true],
    ['SDK agent', 'You are a code reviewer.', false],
    ['a0000000000000007', 'anything', true],
    ['a000*', 'anything', false],
    ['code*re*brief', 'A code reviewer. Re: brief', true],
    ['code*code', 'A code.', false],
    ['reviewer', '<signalbox-model>nowhere/x</signalbox-model>\nYou are a reviewer.', true],
    ['прозорливый', 'Ты прозорливый агент.', true],
  ])('%j on the prompt %j: %j', async (name, prompt, fits) => {
    const { target } = await plugin({ agents: { [name]: 'a/x' } });
    expect(await target(agent(prompt))).toBe(fits ? 'a/x' : undefined);
  });

  it('are looked for in time that grows with the prompt alone', async () => {
    const { target } = await plugin({ agents: { 'a*a*a*a*a*a*a*end': 'a/x' } });
    const startedAt = process.cpuUsage();
    expect(await target(agent('a'.repeat(1_000)))).toBeUndefined();
    expect(await target(agent(' a '.repeat(330)))).toBeUndefined();
    expect(process.cpuUsage(startedAt).user / 1_000).toBeLessThan(5_000);
  });

  it('are known by the names that agents of a team have in their ids', async () => {
    const { target } = await plugin({ agents: { reviewer: 'a/x', '*': 'a/any' } });
    const of = (id: string) => target(agent('You work.', 'Do it.', { headers: { 'x-claude-code-agent-id': id } }));
    expect([await of('reviewer@backend'), await of('painter@backend'), await of('areviewer7')]).toEqual([
      'a/x',
      'a/any',
      'a/any',
    ]);
  });

  it('that an agent started go where `nested` says, unless they have a name', async () => {
    const { target } = await plugin({ agents: { reviewer: 'a/x', '*': 'a/any' }, nested: 'b/nested' });
    const nested = { headers: { ...headers, 'x-claude-code-parent-agent-id': 'a0000000000000001' } };
    expect(await target(agent('You paint.', 'Do it.', nested))).toBe('b/nested');
    expect(await target(agent('You are a reviewer.', 'Do it.', nested))).toBe('a/x');
    expect(await target(agent('You paint.'))).toBe('a/any');
    const main = { headers: { 'x-claude-code-agent-id': '', 'x-claude-code-parent-agent-id': '' } };
    expect(await target({ ...main, request: {} })).toBeUndefined();
  });

  it('leave a target alone that the client names', async () => {
    const { target } = await plugin({ agents: { '*': 'a/any' }, prompts: [{ includes: 'paint', target: 'a/x' }] });
    expect(await target(agent('You paint.', 'Do it.', { model: 'b/named' }))).toBeUndefined();
    expect(await target(agent('You paint.', 'Do it.', { model: 'vendor/named' }))).toBe('a/x');
  });

  it('asks the longest name first, and * last', async () => {
    const { target } = await plugin({ agents: { '*': 'a/any', reviewer: 'a/short', 'code reviewer': 'a/long' } });
    const all = await Promise.all(['A code reviewer', 'A reviewer', 'A painter'].map((text) => target(agent(text))));
    expect(all).toEqual(['a/long', 'a/short', 'a/any']);
  });

  it('leaves everyone else alone, whatever they talk about', async () => {
    const { target } = await plugin({ agents: { '*': 'a/x' }, prompts: [{ includes: 'Do it', target: 'a/y' }] });
    const main = agent('You are a reviewer.', 'What is cc_is_subagent=true?', { headers: {} });
    const system = [{ type: 'text', text: 'You are a reviewer: cc_is_subagent=true' }] as const;
    expect(await target({ ...main, request: { ...main.request, system } })).toBeUndefined();
    expect(await target({})).toBeUndefined();
  });

  it('knows a subagent by its first system block where the header is lost', async () => {
    const { plan } = await plugin({ agents: { reviewer: 'a/x' } });
    const { plan: made } = await plan(agent('A reviewer', 'Do it.', { headers: {} }));
    expect(made).toEqual({
      targets: [{ provider: 'a', model: 'x' }],
      reason: 'the subagent fits "reviewer" in agents',
      scenario: 'subagent',
    });
  });
});

describe('prompts', () => {
  const prompts = [
    { includes: 'Be brief', target: 'a/brief' },
    { includes: 'migration', target: 'b/task' },
    { includes: 'Zebra', target: 'b/never' },
  ];

  it('asks the rules in order, before agents, in the system prompt and the task', async () => {
    const { plan, target } = await plugin({ prompts, agents: { '*': 'a/any' } });
    expect(await target(agent('One.\nBe brief.', 'Plan the migration'))).toBe('a/brief');
    expect(await target(agent('One.', 'Plan the migration'))).toBe('b/task');
    expect(await target(agent('One.', 'Plan the Migration'))).toBe('a/any');
    expect((await plan(agent('Be brief'))).plan?.reason).toBe('the subagent’s prompt says "Be brief" (prompts)');
  });

  it('does not take the client’s reminders or later turns for the prompt', async () => {
    const { target } = await plugin({ prompts: prompts.slice(1) });
    const { request } = agent('One.');
    const later = [
      { role: 'assistant', content: [] },
      { role: 'user', content: [{ type: 'text', text: 'migration' }] },
    ] as const;
    const messages = [...(request?.messages ?? []), ...later];
    expect(await target({ headers, request: { ...request, messages } })).toBeUndefined();
  });
});

describe('tags', () => {
  const own = (value: string) => `<signalbox-model>${value}</signalbox-model>`;
  const old = (value: string) => `<CCR-SUBAGENT-MODEL>${value}</CCR-SUBAGENT-MODEL>`;
  const user = (...texts: string[]): Partial<ChatRequest> => ({
    messages: [{ role: 'user', content: texts.map((text) => ({ type: 'text', text })) }],
  });

  it.each([own('a/x/y'), own(' a/x/y\n'), old('a,x/y'), `Text ${old('a/x/y')} text`])('%j', async (prompt) => {
    const { plan } = await plugin({ agents: { '*': 'b/any' } });
    expect((await plan(agent(prompt))).plan).toEqual({
      targets: [{ provider: 'a', model: 'x/y' }],
      reason: 'a tag in the subagent’s prompt asks for a/x/y',
      scenario: 'subagent',
    });
  });

  it('in the first user message count for everyone', async () => {
    const { plan } = await plugin({});
    expect((await plan({ request: user('hello', own('a/x')) })).plan).toEqual({
      targets: [{ provider: 'a', model: 'x' }],
      reason: 'a tag in the first message asks for a/x',
    });
  });

  it('that are quoted in CLAUDE.md, or in what somebody says, neither choose nor are taken out', async () => {
    const { target, host } = await plugin({});
    const reminder = `<system-reminder>\nBegin the prompt of a reviewer with ${old('a,reviewer')}.\n</system-reminder>`;
    const main = fakeExchange({ request: user(reminder, `What does ${own('a/x')} do?`) });
    expect(await target({ request: main.request })).toBeUndefined();
    expect(await host.hooks.transformIn.promise(main.request, { provider: 'a', model: 'x' }, main)).toBe(main.request);
    expect(await target({ headers, request: user(reminder, `Do it. ${own('b/x')}`) })).toBe('b/x');
  });

  it('in a system prompt count for subagents alone', async () => {
    const { target } = await plugin({});
    expect(await target({ request: { system: [{ type: 'text', text: own('a/x') }] } })).toBeUndefined();
  });

  it('prefer the agent’s prompt to its task, and the task to what stands ahead of it', async () => {
    const { target } = await plugin({});
    expect(await target(agent(own('a/system'), own('a/task')))).toBe('a/system');
    expect(await target({ headers, request: user(own('a/reminder'), own('a/task')) })).toBe('a/task');
  });

  it('in an answer, a tool result or a later turn are what people talk about', async () => {
    const { target, host } = await plugin({});
    const exchange = {
      request: {
        messages: [
          {
            role: 'user',
            content: [{ type: 'tool-result', callId: 'c', content: [{ type: 'text', text: own('a/1') }] }],
          },
          { role: 'assistant', content: [{ type: 'text', text: own('a/2') }] },
          { role: 'user', content: [{ type: 'text', text: own('a/3') }] },
        ],
      },
    } satisfies FakeExchangeOptions;
    expect(await target(exchange)).toBeUndefined();
    const fake = fakeExchange(exchange);
    const after = await host.hooks.transformIn.promise(fake.request, { provider: 'a', model: 'x' }, fake);
    expect(after).toBe(fake.request);
  });

  it('F61 that name no target leave the choice to the rules, with a note', async () => {
    const { plan } = await plugin({ agents: { '*': 'b/any' } });
    const { exchange, plan: made } = await plan(agent(own('nowhere/x'), old('nonsense')));
    expect(made?.targets).toEqual([{ provider: 'b', model: 'any' }]);
    expect(exchange.notes.list).toEqual([
      {
        path: 'system[2].text',
        action: 'dropped',
        reason: 'the tag asks for "nowhere/x": no such provider is configured',
      },
      {
        path: 'messages[0].content[1].text',
        action: 'dropped',
        reason: 'the tag asks for "nonsense": a target is written provider/model, no alias',
      },
    ]);
  });

  it('can be switched off: then nothing is tapped that would decode a request, and nothing is taken out', async () => {
    const { target, host } = await plugin({ tags: false });
    expect(await target(agent(own('a/x')))).toBeUndefined();
    expect(host.taps.map(({ hook }) => hook).sort()).toEqual(['ready', 'route']);
  });

  it('are looked for without decoding the request', async () => {
    const { host } = await plugin({ agents: { '*': 'a/x' } });
    const exchange = Object.defineProperty(fakeExchange({ rawBody: Buffer.from('{"model":"m"}') }), 'request', {
      get: () => {
        throw new Error('decoded');
      },
    });
    expect(await host.hooks.route.promise(undefined, exchange)).toBeUndefined();
    expect(() => exchange.request).toThrow('decoded');
  });
});

it('a target may have the model that was asked for in it', async () => {
  const { target } = await plugin({ agents: { '*': 'a/vendor/{model}' } });
  expect(await target(agent('An agent.', 'Do it.', { model: 'claude-$&-5' }))).toBe('a/vendor/claude-$&-5');
  await expect(plugin({ agents: { '*': '{model}/x' } })).rejects.toThrow(/provider\/model/);
});

describe('a configuration that cannot work', () => {
  it('names every target whose provider does not exist, before the first request', async () => {
    const { host } = await plugin({
      agents: { x: 'gone/1', y: 'a/1' },
      prompts: [{ includes: 'z', target: 'lost/2' }],
    });
    const message = await host.hooks.ready.promise().then(
      () => '',
      (error: Error) => error.message,
    );
    expect(message).toContain('agents["x"]: no provider is called "gone" (target "gone/1")');
    expect(message).toContain('prompts[0].target: no provider is called "lost"');
    expect(message).not.toContain('"y"');
  });

  it.each([
    [{ agents: { x: 'gpt' } }, 'agents["x"]: a target is written provider/model, not "gpt"'],
    [{ prompts: [{ includes: 'x', target: '/gpt' }] }, 'prompts[0].target: a target is written provider/model'],
  ])('%j', async (options, message) => {
    await expect(plugin(options as JsonObject)).rejects.toThrow(message);
  });
});
