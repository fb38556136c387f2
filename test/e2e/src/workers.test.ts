import { Agent, request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type ScriptedProvider, startScriptedProvider } from '@signalbox/testkit';
import { type Running, Sandbox } from '../../../packages/cli/test/command.ts';
import { eventually, type Health, healthOf, isAlive, MARK, untilClosed, word } from './live-gateway.ts';
import { configFor, Gate, inSteps, type LiveStream, openStream, WAYS } from './live-streams.ts';

const STEPS = 2;
const MESSAGES = { client: 'anthropic', provider: 'messages' } as const;

/** Many processes that start one after the other, on whatever machine. */
jest.setTimeout(60_000);

/** A plugin file that breaks the process, outside of any request, when `file` appears and the gateway is up. */
const breaksWhen = (file: string): string => `
import { existsSync } from 'node:fs';
import { definePlugin } from '@signalbox/kit';
export default definePlugin({
  name: 'log-breaks',
  apply: ({ hooks }) => {
    const timer = setInterval(() => {
      const isUp = process.listenerCount('uncaughtException') > 0;
      if (isUp && existsSync('${file}')) throw new Error('a plugin forgot to catch');
    }, 20);
    hooks.close.tap('log-breaks', () => clearInterval(timer));
  },
});
`;

let sandbox: Sandbox;
let provider: ScriptedProvider;
let gate: Gate;

const write = (options: Parameters<typeof configFor>[1] = {}): string =>
  sandbox.file('signalbox.jsonc', configFor(provider, { plugins: ['./mark.ts'], ...options }));

beforeEach(async () => {
  gate = new Gate();
  provider = await startScriptedProvider({ script: inSteps(gate, STEPS) });
  sandbox = new Sandbox();
  sandbox.file('mark.ts', MARK);
  sandbox.file('lib/word.ts', word('first'));
  write();
});
afterEach(async () => {
  gate.open();
  sandbox.dispose();
  await provider.close();
});

/** Asks until each of `count` processes has answered `wanted`. */
async function healthsOf(
  url: string,
  count: number,
  wanted: (health: Health) => boolean = () => true,
): Promise<ReadonlyMap<number, Health>> {
  const found = new Map<number, Health>();
  await eventually(
    async () => {
      const health = await healthOf(url);
      if (wanted(health)) found.set(health.mark.pid, health);
      else found.delete(health.mark.pid);
      return [...found.keys()];
    },
    (pids) => pids.length === count,
  );
  return found;
}

const pidsOf = async (url: string, count: number): Promise<readonly number[]> => [
  ...(await healthsOf(url, count)).keys(),
];

/** Streams until each of these processes has one. */
async function streamsIn({ url, output }: Running & { url: string }, pids: readonly number[]) {
  const streams = new Map<number, LiveStream>();
  for (let n = 0; pids.some((pid) => !streams.has(pid)); n++) {
    expect(n).toBeLessThan(50);
    const stream = openStream(url, MESSAGES, `m${n}`);
    // The one that is killed later is broken, and that is all right.
    stream.ended.catch(() => {});
    await stream.begun;
    const [, pid] = await eventually(
      () => new RegExp(`route messages/m${n} (\\d+)`).exec(output()) ?? [],
      (match) => match.length > 0,
    );
    streams.set(Number(pid), stream);
  }
  return streams;
}

const DONE = /^200\nevent: message_start[\s\S]*event: message_stop/;
const refused = (url: string): Promise<void> => expect(fetch(`${url}/health`)).rejects.toThrow();

describe('signalbox start', () => {
  it.each([
    ['one process', []],
    ['workers', ['--workers', '2']],
  ])('finishes open streams on SIGTERM and takes no new ones: %s', async (_name, args) => {
    const { url, child, printed, ended } = await sandbox.gateway(args);
    const streams = WAYS.map((way) => openStream(url, way));
    await Promise.all(streams.map(({ begun }) => begun));
    child.kill('SIGTERM');
    await printed(/Stopping/);
    await untilClosed(url);
    gate.open();
    const answers = await Promise.all(streams.map((stream) => stream.ended));
    for (const answer of answers) expect(answer).toMatch(/^200\n[\s\S]*(message_stop|\[DONE\])/);
    expect(await ended).toMatchObject({ code: 0, signal: null });
    await refused(url);
  });

  it('ends with its stack, an error in open streams and exit code 1 where an error is not caught', async () => {
    sandbox.file('breaks.ts', breaksWhen(`${sandbox.dir}/break`));
    write({ plugins: ['./mark.ts', './breaks.ts'] });
    const { url, ended } = await sandbox.gateway();
    const streams = WAYS.map((way) => openStream(url, way));
    await Promise.all(streams.map(({ begun }) => begun));
    sandbox.file('break', '');
    for (const [index, stream] of streams.entries()) {
      const answer = await stream.ended;
      expect(answer).not.toMatch(/message_stop|\[DONE\]/);
      expect(answer).toMatch(
        WAYS[index]?.client === 'anthropic' ? /event: error\ndata: .*stopping/ : /data: \{"error":.*stopping/,
      );
    }
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /^error An uncaught error: this process ends\nError: a plugin forgot to catch\n +at .*breaks\.ts/m,
    );
    expect(stderr.match(/An uncaught error/g)).toHaveLength(1);
  });
});

describe('signalbox start --workers', () => {
  const start = (args: readonly string[] = [], count = 2) => sandbox.gateway(['--workers', String(count), ...args]);

  it('serves one port with several processes, and says so once', async () => {
    const { url, child, output, ended } = await start([], 3);
    const pids = await pidsOf(url, 3);
    expect(pids).not.toContain(child.pid);
    expect(output().match(/listens on/g)).toHaveLength(1);
    expect(output()).toContain(`listens on ${url} with 3 workers`);
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, stderr: '' });
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('restarts one worker after the other on SIGHUP, and cuts nothing under load', async () => {
    const running = await start();
    const { url, child, printed } = running;
    const before = await pidsOf(url, 2);
    const streams = [...(await streamsIn(running, before)).values()];

    const agent = new Agent({ keepAlive: true, maxSockets: 6 });
    let loading = true;
    let answered = 0;
    const load = Array.from({ length: 6 }, async () => {
      while (loading) {
        expect(await statusOf(`${url}/v1/models`, agent)).toBe(200);
        answered++;
      }
    });
    const fresh = (async () => {
      while (loading) await healthOf(url);
    })();
    child.kill('SIGHUP');
    await printed(/Rolling restart done/);
    const next = async (): Promise<readonly number[]> => {
      const healths = await Promise.all(Array.from({ length: 6 }, () => healthOf(url)));
      return [...new Set(healths.map(({ mark }) => mark.pid))].sort();
    };
    const after = await eventually(next, (pids) => pids.length === 2 && !pids.some((pid) => before.includes(pid)));
    // The old ones are there for their streams, and for nothing else.
    expect(before.filter(isAlive)).toEqual(before);
    const soFar = answered;
    await eventually(
      () => answered,
      (now) => now > soFar + 200,
    );
    gate.open();
    for (const stream of streams) expect(await stream.ended).toMatch(DONE);
    await eventually(
      () => before.filter(isAlive),
      (left) => left.length === 0,
    );
    loading = false;
    await Promise.all([...load, fresh]);
    agent.destroy();
    expect((await pidsOf(url, 2)).toSorted()).toEqual(after);
  });

  it('puts another in the place of a worker that is killed, and the others go on', async () => {
    const running = await start();
    const { url, printed, child } = running;
    const [victim = 0, other = 0] = await pidsOf(url, 2);
    const streams = await streamsIn(running, [victim, other]);
    process.kill(victim, 'SIGKILL');
    await expect(streams.get(victim)?.ended).rejects.toThrow();
    await printed(
      new RegExp(`Worker \\d \\(pid ${victim}\\) has ended: signal SIGKILL\\. Another one takes its place`),
    );
    const [, pid] = await printed(/Worker \d \(pid (\d+)\) serves/);
    expect((await pidsOf(url, 2)).toSorted()).toEqual([other, Number(pid)].toSorted());
    gate.open();
    expect(await streams.get(other)?.ended).toMatch(DONE);
    expect(child.exitCode).toBeNull();
  });

  it('lets a worker that is told to end finish its streams, and puts another in its place', async () => {
    const running = await start();
    const { url, printed } = running;
    const pids = await pidsOf(url, 2);
    const [leaver = 0] = pids;
    const streams = await streamsIn(running, pids);
    process.kill(leaver, 'SIGTERM');
    await eventually(
      async () => (await Promise.all(Array.from({ length: 4 }, () => healthOf(url)))).map(({ mark }) => mark.pid),
      (answering) => !answering.includes(leaver),
    );
    gate.open();
    for (const stream of streams.values()) expect(await stream.ended).toMatch(DONE);
    await printed(new RegExp(`Worker \\d \\(pid ${leaver}\\) has ended: exit code 0`));
    await pidsOf(url, 2);
  });

  it('keeps its port when all workers are killed', async () => {
    const { url, printed } = await start();
    const before = await pidsOf(url, 2);
    for (const pid of before) process.kill(pid, 'SIGKILL');
    await printed(/Worker \d \(pid \d+\) serves/, 2);
    expect((await pidsOf(url, 2)).some((pid) => before.includes(pid))).toBe(false);
  });

  it('gives up where workers break as soon as they begin, with the last reason', async () => {
    sandbox.file('breaks.ts', breaksWhen(sandbox.dir));
    write({ plugins: ['./breaks.ts'] });
    const { child, ended } = sandbox.start(['start', '--port', '0', '--workers', '1']);
    const { code, stderr } = await ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/Another one takes its place in 100 ms[\s\S]* in 200 ms[\s\S]* in 400 ms/);
    expect(stderr.trimEnd().split('\n').at(-1)).toBe(
      'signalbox: the workers end as soon as they have begun, the last one with: uncaught Error: a plugin forgot to catch',
    );
    expect(child.signalCode).toBeNull();
  });

  it('does not start with a bad config or a taken port, and says so once, as one process does', async () => {
    sandbox.file('lib/word.ts', 'export const other = 1;');
    const [one, several] = await Promise.all([
      sandbox.run(['start', '--port', '0']),
      sandbox.run(['start', '--port', '0', '--workers', '3']),
    ]);
    expect(one).toMatchObject({ code: 1, stderr: expect.stringContaining('"./mark.ts" cannot be loaded') });
    expect(several).toEqual(one);
    sandbox.file('lib/word.ts', word('first'));
    const { url } = await sandbox.gateway();
    const taken = await sandbox.run(['start', '--port', new URL(url).port, '--workers', '2']);
    expect(taken).toMatchObject({
      code: 1,
      stdout: expect.not.stringContaining('listens on'),
      stderr: expect.stringMatching(/^signalbox: Port \d+ .* in use.*\n$/),
    });
  });

  it('loads changed files in all workers, and says once what is wrong with them, everywhere', async () => {
    const { url, output, child, printed } = await start();
    sandbox.file('lib/word.ts', word('second'));
    await healthsOf(url, 2, ({ mark, config }) => mark.word === 'second' && config.generation === 2);
    write({ server: { prot: 1 } });
    const bad = await healthsOf(url, 2, ({ config }) => config.problem !== undefined);
    const { stderr } = await sandbox.run(['check']);
    for (const { config } of bad.values()) expect(`${config.problem}\n`).toBe(stderr);
    expect(output().split(stderr.trimEnd())).toHaveLength(2);

    child.kill('SIGHUP');
    await printed(/Rolling restart ended at worker 1, the workers that are there stay: .*Did you mean "port"/);
    expect([...(await pidsOf(url, 2))].sort()).toEqual([...bad.keys()].sort());
    sandbox.file('lib/word.ts', word('third'));
    write();
    await healthsOf(url, 2, ({ mark, config }) => mark.word === 'third' && config.problem === undefined);
  });

  it('ends workers whose primary is gone, when their streams are out', async () => {
    const running = await start();
    const { url, child, ended } = running;
    const pids = await pidsOf(url, 2);
    const streams = await streamsIn(running, pids);
    child.kill('SIGKILL');
    await untilClosed(url);
    gate.open();
    for (const stream of streams.values()) expect(await stream.ended).toMatch(DONE);
    await eventually(
      () => pids.filter(isAlive),
      (left) => left.length === 0,
    );
    expect((await ended).signal).toBe('SIGKILL');
  });

  it('ends at once on a second signal', async () => {
    const running = await start();
    const { child, url, printed, ended } = running;
    const pids = await pidsOf(url, 2);
    const [stream] = (await streamsIn(running, pids)).values();
    child.kill('SIGTERM');
    await printed(/Stopping/);
    // A signal that comes twice within 0.3 s counts once.
    await eventually(
      () => {
        child.kill('SIGTERM');
        return child.exitCode;
      },
      (code) => code !== null,
    );
    expect((await ended).code).toBe(143);
    await expect(stream?.ended).rejects.toThrow();
    await eventually(
      () => pids.filter(isAlive),
      (left) => left.length === 0,
    );
  });
});

function statusOf(url: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = httpRequest(url, { agent }, (response) => {
      response.once('error', reject);
      response.once('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    call.once('error', reject);
    call.end();
  });
}
