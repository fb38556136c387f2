import { describe, expect, it } from '@jest/globals';
import { type Exchange, formatTarget, type LocalProvider } from '@signalbox/kit';
import { applyPlugin, fakeExchange, fakeHost } from '@signalbox/testkit';
import type { ScriptLoader } from './load.ts';
import { routeScript } from './plugin.ts';

const silent: LocalProvider = {
  answer: () => ({ kind: 'whole', message: { content: [], stopReason: 'end-turn' } }),
};

/** A file whose versions a test writes; each one says how it loads. */
class FakeFile implements ScriptLoader {
  readonly asked: string[] = [];
  version: string | undefined = '1';
  loads: Record<string, () => unknown> = {};

  write(version: string | undefined, load: () => unknown = () => ({})): void {
    this.version = version;
    if (version !== undefined) this.loads[version] = load;
  }

  versionOf(): string | undefined {
    return this.version;
  }

  async load(path: string, version: string): Promise<{ default?: unknown }> {
    this.asked.push(`${path}@${version}`);
    return (await this.loads[version]?.()) as { default?: unknown };
  }
}

/** No machine stands still for so long; what is to run into the limit has one of its own. */
const PATIENT_MS = 30_000;

async function plugin(first: unknown, { timeoutMs = PATIENT_MS, overrules = false, interrupt = true } = {}) {
  const file = new FakeFile();
  file.write('1', () => ({ default: first }));
  const host = fakeHost({ configDir: '/home/someone' });
  for (const name of ['a', 'b']) host.addProvider(name, silent);
  await applyPlugin(routeScript(file), { file: './route.ts', timeoutMs, overrules, interrupt }, host);
  const target = async (model = 'm') =>
    (await host.hooks.route.promise(undefined, fakeExchange({ model })))?.targets.map(formatTarget).join();
  const log = () => host.logged.map(({ level, message }) => `${level}: ${message}`);
  return { file, host, target, log };
}

const never = new Promise<never>(() => {});

describe('asking the script', () => {
  it('hands it the exchange, and takes what it answers, now or later', async () => {
    const { target, host, log } = await plugin(({ model }: { model: string }) =>
      model === 'now' ? 'a/x' : model === 'later' ? Promise.resolve({ targets: ['b/y', 'a/x'] }) : undefined,
    );
    expect([await target('now'), await target('later'), await target('other')]).toEqual(['a/x', 'b/y,a/x', undefined]);
    const plan = await host.hooks.route.promise(undefined, fakeExchange({ model: 'now' }));
    expect(plan?.reason).toBe('route.ts chose it');
    expect(log()).toEqual([]);
  });

  it('interrupts it where it does not return', async () => {
    const script = ({ model }: { model: string }) => {
      while (model === 'loop');
      return 'a/x';
    };
    const { target, log } = await plugin(script, { timeoutMs: 500 });
    expect(await target('loop')).toBeUndefined();
    expect(log()).toEqual(['error: route.ts failed: it did not return within 500 ms. The next routing plugin decides']);
    expect(await target()).toBe('a/x');
  });

  it('waits for it where it is not to be interrupted', async () => {
    const script = () => {
      for (const end = performance.now() + 60; performance.now() < end; );
      return 'a/x';
    };
    const { target } = await plugin(script, { timeoutMs: 20, interrupt: false });
    expect(await target()).toBe('a/x');
  });

  it.each<[string, (exchange: Exchange) => unknown]>([
    ['a list', ({ request }) => (request.messages as unknown[]).splice(0)],
    ['what is in a list', ({ request }) => Object.assign(request.messages[0] as object, { role: 'system' })],
    ['a field of it', (exchange) => Object.assign(exchange, { model: 'other' })],
    ['what is gone', ({ request }) => delete (request as { messages?: unknown }).messages],
  ])('lets it change nothing: %s', async (_what, change) => {
    const { host, log } = await plugin(change);
    const exchange = fakeExchange({
      model: 'm',
      request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] },
    });
    const before = JSON.stringify(exchange.request);
    expect(await host.hooks.route.promise(undefined, exchange)).toBeUndefined();
    expect(log()).toEqual([expect.stringContaining('a script may not change what it is asked about')]);
    expect([JSON.stringify(exchange.request), exchange.model]).toEqual([before, 'm']);
  });

  it('lets it read everything', async () => {
    const { host, log } = await plugin((exchange: Exchange) => {
      const [first] = exchange.request.messages;
      const texts = first?.content.map((block) => (block.type === 'text' ? block.text : '')) ?? [];
      const same = exchange.request.messages[0] === first && Array.isArray(exchange.request.messages);
      const tokens = exchange.estimatePromptTokens();
      return `a/${texts.join('')}-${same}-${tokens > 0}-${JSON.stringify(exchange.request.messages).length > 20}`;
    });
    const request = { messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi' }] }] };
    const plan = await host.hooks.route.promise(undefined, fakeExchange({ request }));
    expect(log()).toEqual([]);
    expect(plan?.targets).toEqual([{ provider: 'a', model: 'Hi-true-true-true' }]);
  });

  it('is not asked where a plan stands', async () => {
    let asked = 0;
    const { host } = await plugin(() => {
      asked++;
      return 'a/x';
    });
    const standing = { targets: [{ provider: 'b', model: 'y' }], reason: 'standing' };
    expect(await host.hooks.route.promise(standing, fakeExchange())).toBe(standing);
    expect(asked).toBe(0);
  });

  it.each<[string, unknown, string, number?]>([
    [
      'throws',
      () => {
        throw new Error('no such user');
      },
      'route.ts failed: no such user. The next routing plugin decides',
    ],
    ['throws no error', () => Promise.reject('a text'), 'route.ts failed: a text.'],
    ['rejects', async () => Promise.reject(new Error('offline')), 'route.ts failed: offline.'],
    ['answers nonsense', () => 42, 'route.ts failed: a target is "provider/model" or {provider, model}, not one of'],
    ['names no provider', () => 'nowhere/x', 'route.ts failed: no provider is called "nowhere"'],
    ['takes too long', () => never, 'route.ts failed: it took longer than 50 ms.', 50],
  ])('leaves the choice to the next one where it %s, and says so', async (...given) => {
    const [, script, message, timeoutMs = PATIENT_MS] = given;
    const { host, target, log } = await plugin(script, { timeoutMs });
    expect(await target()).toBeUndefined();
    expect(log()).toEqual([expect.stringContaining(`error: ${message}`)]);
    expect(host.logged[0]?.fields).toMatchObject({ file: '/home/someone/route.ts', exchange: expect.any(String) });
  });
});

describe('a client that names its target itself', () => {
  const calls = () => 'a/script';

  it('gets it: the script is not asked', async () => {
    const { target } = await plugin(calls);
    expect([await target('b/x'), await target('b,x'), await target('vendor/x')]).toEqual([
      undefined,
      undefined,
      'a/script',
    ]);
  });

  it('does not where the script overrules it', async () => {
    const { target } = await plugin(calls, { overrules: true });
    expect(await target('b/x')).toBe('a/script');
  });
});

describe('what is explained', () => {
  it.each<[string, unknown, object]>([
    ['its choice', () => ({ targets: ['a/x'], reason: 'why' }), { said: 'route.ts: why', targets: [{}] }],
    ['no opinion', () => undefined, { said: undefined }],
    ['its failure', () => 'nowhere/x', { said: expect.stringContaining('route.ts failed: no provider') }],
  ])('is %s', async (_name, script, step) => {
    const { host } = await plugin(script);
    const exchange = fakeExchange();
    await host.hooks.route.promise(undefined, exchange);
    expect(exchange.routing).toMatchObject([{ strategy: 'route-script', ...step }]);
  });
});

describe('loading the script', () => {
  it('loads it once, from the folder of the config', async () => {
    const { file, target } = await plugin(() => 'a/x');
    await target();
    await target();
    expect(file.asked).toEqual(['/home/someone/route.ts@1']);
  });

  it('asks a new version from the next request on', async () => {
    const { file, target, log } = await plugin(() => 'a/old');
    expect(await target()).toBe('a/old');
    file.write('2', () => ({ default: () => 'a/new' }));
    expect(await Promise.all([target(), target()])).toEqual(['a/new', 'a/new']);
    expect(file.asked).toHaveLength(2);
    expect(log()).toEqual(['info: route.ts was loaded again']);
  });

  it.each<[string, string | undefined, () => unknown, string, number?]>([
    ['throws', '2', () => Promise.reject(new SyntaxError('Unexpected token')), 'Unexpected token'],
    ['exports no function', '2', () => ({ default: 'a/x' }), 'its default export must be a function'],
    ['is gone', undefined, () => ({}), 'there is no file /home/someone/route.ts'],
    ['never ends to load', '2', () => never, 'it took longer than 500 ms', 500],
  ])('keeps the old version where the new one %s, says so once, and takes the one after it', async (...given) => {
    const [, version, load, reason, timeoutMs = PATIENT_MS] = given;
    const { file, target, log } = await plugin(() => 'a/old', { timeoutMs });
    file.write(version, load);
    expect([await target(), await target()]).toEqual(['a/old', 'a/old']);
    expect(log()).toEqual([`error: route.ts cannot be loaded: ${reason}. Its last version stays`]);
    file.write('3', () => ({ default: () => 'a/mended' }));
    expect(await target()).toBe('a/mended');
  });

  it('says so where a new version brings the old function back, as CommonJS does', async () => {
    const choose = () => 'a/old';
    const { file, target, log } = await plugin(choose);
    file.write('2', () => ({ default: choose }));
    expect([await target(), await target()]).toEqual(['a/old', 'a/old']);
    expect(log()).toEqual([expect.stringContaining('warn: route.ts has changed, but its function has not')]);
  });

  it('does not go back to a version that was slower to load than the one after it', async () => {
    const { file, target } = await plugin(() => 'a/1');
    let finish: (value: unknown) => void = () => {};
    file.write('2', () => new Promise((resolve) => (finish = resolve)));
    const second = target();
    file.write('3', () => ({ default: () => 'a/3' }));
    expect(await target()).toBe('a/3');
    finish({ default: () => 'a/2' });
    expect([await second, await target()]).toEqual(['a/3', 'a/3']);
  });

  it.each<[string, string | undefined, unknown]>([
    ['file: route.ts cannot be loaded: there is no file /home/someone/route.ts.', undefined, {}],
    ['file: route.ts cannot be loaded: its default export must be a function.', '1', { default: {} }],
  ])('does not start with %s', async (message, version, module) => {
    const file = new FakeFile();
    file.write(version, () => module);
    const host = fakeHost({ configDir: '/home/someone' });
    const start = applyPlugin(routeScript(file), { file: 'route.ts', timeoutMs: 50 }, host);
    await expect(start).rejects.toMatchObject({ code: 'BAD_CONFIG', message });
  });
});
