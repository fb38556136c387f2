import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { applyPlugin, fakeExchange, fakeHost } from '@signalbox/testkit';
import { messages, router } from '../test/support.ts';
import rules from './index.ts';

describe('the rules', () => {
  const LIST: JsonObject[] = [
    { name: 'night', when: 'model.fits("claude-*") && header("x-night") != ""', to: ['b/night', 'c/{model}'] },
    { when: 'key ==\n  "team-a"', to: 'b/team' },
    { to: 'a/{model}' },
  ];

  it('are asked in order, the first that applies decides, and the reason names it', async () => {
    const { decide } = await router(LIST);
    expect(await decide({ headers: { 'x-night': '1' }, principal: { id: 'team-a' } })).toMatchObject({
      targets: ['b/night', 'c/claude-x'],
      reason: 'the rule "night" applies: model.fits("claude-*") && header("x-night") != ""',
    });
    expect(await decide({ principal: { id: 'team-a' } })).toMatchObject({
      targets: ['b/team'],
      reason: 'rule 2 applies: key == "team-a"',
    });
    expect(await decide()).toMatchObject({ targets: ['a/claude-x'], reason: 'rule 3 takes everything' });
  });

  it('have no opinion where none applies, and leave a plan alone', async () => {
    const { host, decide } = await router([{ when: 'stream', to: 'a/x' }]);
    expect((await decide()).targets).toBeUndefined();
    const plan = { targets: [{ provider: 'z', model: 'y' }], reason: 'another said so' };
    expect(await host.hooks.route.promise(plan, fakeExchange({ stream: true }))).toBe(plan);
  });

  it('are asked for counts, too, so that what counts is what answers', async () => {
    const { decide } = await router(LIST);
    expect((await decide({ operation: 'count-tokens' })).targets).toEqual(['a/claude-x']);
  });

  it('give the plan their name as its scenario, for those that go by it', async () => {
    const { host } = await router([
      { name: 'team', when: 'stream', to: 'a/x' },
      { to: [{ target: 'b/y', weight: 1 }] },
    ]);
    const scenario = async (stream: boolean) =>
      (await host.hooks.route.promise(undefined, fakeExchange({ stream })))?.scenario;
    expect([await scenario(true), await scenario(false)]).toEqual(['team', undefined]);
  });

  it('fill in a model with a dollar sign as it is', async () => {
    const { decide } = await router(LIST);
    expect((await decide({ body: messages({ model: "$'$&" }) })).targets).toEqual(["a/$'$&"]);
  });
});

describe('a rule that is never asked', () => {
  const warnings = async (...list: JsonObject[]) => (await router(list)).host.logged.map(({ message }) => message);
  const all = { to: 'a/x' };
  const some = { when: 'stream', to: 'b/y' };

  it('stands behind one without a condition', async () => {
    expect(await warnings(some, all, some, all)).toEqual([
      'rules[2], rules[3]: never asked, as rules[1] before it has no condition',
    ]);
    expect(await warnings(some, some, all)).toEqual([]);
  });

  it('is none that overrules what a client names, unless the one before it does', async () => {
    const overrules = { ...some, overrules: true };
    expect(await warnings(all, overrules)).toEqual([]);
    expect(await warnings({ ...all, overrules: true }, overrules)).toHaveLength(1);
  });
});

describe('a target that the client names itself', () => {
  const LIST: JsonObject[] = [
    { when: 'key == "intern"', to: ['c/cheap', 'c/{model}'], overrules: true },
    { to: 'b/{model}' },
  ];

  it.each(['a/x', 'a,x'])('%s is asked, whatever the rules say', async (model) => {
    const { decide } = await router(LIST);
    expect(await decide({ body: messages({ model }) })).toMatchObject({
      targets: ['a/x'],
      reason: 'the model name asks for the provider a',
      decodes: 0,
    });
  });

  it('is left only for a rule that overrules it', async () => {
    const { decide } = await router(LIST);
    const intern = { principal: { id: 'intern' } };
    expect((await decide({ ...intern, body: messages({ model: 'a/x' }) })).targets).toEqual(['c/cheap', 'c/x']);
  });

  it('is none without such a provider', async () => {
    const { decide } = await router(LIST);
    expect((await decide({ body: messages({ model: 'vendor/x' }) })).targets).toEqual(['b/vendor/x']);
  });
});

describe('shares', () => {
  const to = [
    { target: 'a/x', weight: 3 },
    { target: 'b/{model}', weight: 1 },
  ];

  it('stay with a session, and differ between sessions and callers', async () => {
    const { decide } = await router([{ to }]);
    const drawn = new Map<string, string>();
    for (let index = 0; index < 200; index++) {
      const wire = { headers: { 'x-claude-code-session-id': `s${index % 50}` }, principal: { id: `k${index % 2}` } };
      const { targets = [], reason } = await decide(wire);
      expect([...targets].sort()).toEqual(['a/x', 'b/claude-x']);
      expect(reason).toContain(`for this session from shares, with ${targets[0] === 'a/x' ? 75 : 25} %`);
      const whose = `${index % 50} ${index % 2}`;
      expect(targets[0]).toBe(drawn.get(whose) ?? targets[0]);
      drawn.set(whose, targets[0] ?? '');
    }
    expect(new Set(drawn.values()).size).toBe(2);
  });

  it('are drawn for the request where there is no session, the same for the same request', async () => {
    const { decide } = await router([{ to }]);
    const firsts = new Set<string | undefined>();
    for (let index = 0; index < 60; index++) {
      const once = await decide({ id: `ex-${index}` });
      expect(await decide({ id: `ex-${index}` })).toEqual(once);
      expect(once.reason).toContain('drawn for this request');
      firsts.add(once.targets?.[0]);
    }
    expect(firsts.size).toBe(2);
  });
});

describe('a configuration that cannot work', () => {
  it('has shares without any weight', async () => {
    const to = ['a/x', 'b/y'].map((target) => ({ target, weight: 0 }));
    await expect(router([{ to: 'a/x' }, { to }])).rejects.toThrow('rules[1].to: at least one target needs a weight');
  });

  it('names every target whose provider does not exist, before the first request', async () => {
    await expect(router([{ to: ['a/x', 'gone/y'] }, { to: [{ target: 'lost/{model}', weight: 1 }] }])).rejects.toThrow(
      'rules[0].to: no provider is called "gone" (target "gone/y"); rules[1].to: no provider is called "lost"',
    );
  });

  it.each([
    ['gpt-9', 'rules[0].to: a target is written provider/model, not "gpt-9"'],
    ['{model}/x', 'rules[0].to: a target is written provider/model'],
    ['a/*', 'rules[0].to: "*" stands in patterns only'],
  ])('%s', async (to, message) => {
    await expect(applyPlugin(rules, { rules: [{ to }] }, fakeHost())).rejects.toThrow(message);
  });
});
