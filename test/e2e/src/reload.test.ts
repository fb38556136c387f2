import { renameSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type ScriptedProvider, startScriptedProvider } from '@signalbox/testkit';
import { Sandbox } from '../../../packages/cli/test/command.ts';
import { eventually, healthOf, MARK, word } from './live-gateway.ts';
import { configFor, Gate, inSteps, openStream, WAYS } from './live-streams.ts';

/** Processes that start, and look at their files twice a second, on whatever machine. */
jest.setTimeout(60_000);

const STEPS = 10;

describe('a gateway whose files change', () => {
  let sandbox: Sandbox;
  let provider: ScriptedProvider;
  let gate: Gate;

  const write = (options: Parameters<typeof configFor>[1] = {}): string =>
    sandbox.file('signalbox.jsonc', configFor(provider, { plugins: ['./mark.ts'], ...options }));
  const generation = (url: string, count: number) =>
    eventually(
      () => healthOf(url),
      ({ config }) => config.generation === count,
    );
  const problem = async (url: string): Promise<string> => {
    const { config } = await eventually(
      () => healthOf(url),
      (health) => health.config.problem !== undefined,
    );
    return config.problem ?? '';
  };
  const RELOADED = /config was loaded again/;
  const reloads = (output: string): number => output.split(RELOADED).length - 1;

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

  it('lets streams that are open across ten reloads end byte for byte, each with the generation that it began with', async () => {
    const { url, child, printed, output, ended } = await sandbox.gateway();
    const streams = WAYS.map((way) => openStream(url, way));
    await Promise.all(streams.map(({ begun }) => begun));
    for (let reload = 1; reload <= STEPS; reload++) {
      sandbox.file('lib/word.ts', word(`word ${reload}`));
      // Half of them by the files alone, half at once.
      if (reload % 2 === 0) child.kill('SIGHUP');
      const { mark } = await generation(url, reload + 1);
      expect(mark).toMatchObject({ word: `word ${reload}`, loads: reload + 1 });
      gate.open(reload);
    }
    // The first generation has served the streams until now, and all that came between had nothing to do.
    expect(output()).not.toMatch(/closed \d+ first/);
    const answers = await Promise.all(streams.map((stream) => stream.ended));
    await printed(/closed \d+ first/);

    const undisturbed = await Promise.all(WAYS.map((way) => openStream(url, way).ended));
    for (const [index, { client }] of WAYS.entries()) {
      expect(answers[index]).toMatch(
        client === 'anthropic' ? /^200\nevent: [\s\S]*message_stop/ : /^200\ndata: [\s\S]*\[DONE\]/,
      );
      expect(answers[index]).toBe(undisturbed[index]);
    }
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
    expect(output().match(/route \S+\/m \d+ first/g)).toHaveLength(WAYS.length);
    expect(output().match(/route \S+\/m \d+ word 10/g)).toHaveLength(WAYS.length);
    for (let reload = 1; reload <= STEPS; reload++)
      expect(output()).toMatch(new RegExp(`closed \\d+ word ${reload}\\n`));
    expect(reloads(output())).toBe(STEPS);
  });

  it('reports a bad change with its place, as check does, changes nothing, and takes the next good one', async () => {
    const { url, child, output, printed } = await sandbox.gateway();
    sandbox.file('signalbox.jsonc', configFor(provider, { server: { prot: 1 }, plugins: ['./mark.ts'] }));
    const found = await problem(url);
    expect(found).toMatch(/^signalbox\.jsonc:3:5: server\.prot: unknown key\. Did you mean "port"\?$/);
    const check = await sandbox.run(['check']);
    expect(check).toMatchObject({ code: 1, stderr: `${found}\n` });
    expect(
      output()
        .split('\n')
        .filter((line) => line.includes(found)),
    ).toHaveLength(1);
    expect(await healthOf(url)).toMatchObject({ status: 'ok', config: { generation: 1 }, mark: { word: 'first' } });
    gate.open();
    expect(await openStream(url, { client: 'anthropic', provider: 'chat' }).ended).toMatch(/^200/);

    sandbox.file('lib/word.ts', 'export const word = (;\n');
    write();
    const syntax = await eventually(
      () => problem(url),
      (text) => text !== found,
    );
    expect(syntax).toMatch(/^signalbox\.jsonc:\d+:\d+: .*"\.\/mark\.ts" cannot be loaded: .*lib\/word\.ts:1:\d+: /);
    expect((await sandbox.run(['check'])).stderr).toBe(`${syntax}\n`);

    sandbox.file('lib/word.ts', word('mended'));
    expect(await generation(url, 2)).toMatchObject({ mark: { word: 'mended' } });
    expect((await healthOf(url)).config).not.toHaveProperty('problem');
    await printed(/loaded again/);
    expect(child.exitCode).toBeNull();
  });

  it.each([
    ['another port', { port: 1 }, /server\.port/],
    ['an open address without keys', { host: '0.0.0.0' }, /listens? on|0\.0\.0\.0/i],
  ])('does not take over %s', async (_name, server, message) => {
    write({ server: { port: 0 } });
    const running = sandbox.start(['start']);
    const [, url = ''] = await running.printed(/listens on (http:\/\/\S+)/);
    write({ server: { port: 0, ...server } });
    expect(await problem(url)).toMatch(message);
    expect(await healthOf(url)).toMatchObject({ config: { generation: 1 } });
    write({ server: { port: 0, keepAliveMs: 5_000 } });
    await generation(url, 2);
  });

  it('sees files that are saved by rename, that come back, and that were missing', async () => {
    const { url, output, printed } = await sandbox.gateway();
    const lib = `${sandbox.dir}/lib/word.ts`;
    renameSync(sandbox.file('lib/word.ts.tmp', word('renamed')), lib);
    expect((await generation(url, 2)).mark.word).toBe('renamed');

    rmSync(lib);
    expect(await problem(url)).toContain(`it imports ${lib}, which is not there`);
    sandbox.file('lib/word.ts', word('back'));
    expect((await generation(url, 3)).mark.word).toBe('back');

    const config = `${sandbox.dir}/signalbox.jsonc`;
    rmSync(config);
    expect(await problem(url)).toContain(`${config}: the config cannot be read: there is no such file`);
    write({ server: { keepAliveMs: 6_000 } });
    expect(await generation(url, 4)).toMatchObject({ status: 'ok' });
    await printed(RELOADED, 3);
    expect(reloads(output())).toBe(3);
  });

  it('says so where a change cannot take effect', async () => {
    sandbox.file('lib/inner.cjs', "exports.word = 'one';");
    sandbox.file('lib/outer.cjs', "module.exports = require('./inner.cjs');");
    sandbox.file('lib/word.ts', "import outer from './outer.cjs';\nexport const word = outer.word;\n");
    const { url, printed } = await sandbox.gateway();
    sandbox.file('lib/inner.cjs', "exports.word = 'two';");
    await printed(/warn inner\.cjs has changed in vain: CommonJS modules are loaded once/);
    expect((await generation(url, 2)).mark.word).toBe('one');
  });

  it('leaves a routing script its own reload', async () => {
    const script = (model: string): string => sandbox.file('route.ts', `export default () => 'messages/${model}';`);
    script('one');
    const plugins = [['@signalbox/route-script', { file: './route.ts' }], './mark.ts'];
    sandbox.file('signalbox.jsonc', configFor(provider, { plugins, strategies: [] }));
    const { url, output, printed } = await sandbox.gateway();
    gate.open();
    const asked = async (): Promise<unknown> => {
      await openStream(url, { client: 'anthropic', provider: 'nobody' }).ended;
      return provider.requests.at(-1)?.body?.model;
    };
    expect(await asked()).toBe('one');
    script('two');
    expect(await asked()).toBe('two');
    expect((await healthOf(url)).config.generation).toBe(1);
    sandbox.file('lib/word.ts', word('second'));
    await generation(url, 2);
    expect(await asked()).toBe('two');
    script('three');
    expect(await asked()).toBe('three');
    await printed(RELOADED);
    expect(reloads(output())).toBe(1);
  });

  it('builds one generation at a time, and the newest wins', async () => {
    const slow = (name: string): string => `
      import { existsSync } from 'node:fs';
      import { definePlugin } from '@signalbox/kit';
      export default definePlugin({
        name: 'log-slow',
        apply: ({ hooks, addHealth }) => {
          addHealth('slow', () => ({ name: '${name}' }));
          hooks.close.tap('log-slow', () => console.log('closed ${name}'));
          hooks.ready.tapPromise('log-slow', async () => {
            console.log('begins ${name}');
            while (!existsSync('${sandbox.dir}/go')) await new Promise((resolve) => setTimeout(resolve, 10));
            console.log('ready ${name}');
          });
        },
      });`;
    sandbox.file('go', '');
    sandbox.file('slow.ts', slow('A'));
    write({ plugins: ['./slow.ts', './mark.ts'] });
    const { url, child, printed, output } = await sandbox.gateway();
    rmSync(`${sandbox.dir}/go`);
    sandbox.file('slow.ts', slow('B'));
    child.kill('SIGHUP');
    await printed(/begins B/);
    sandbox.file('slow.ts', slow('C'));
    child.kill('SIGHUP');
    child.kill('SIGHUP');
    expect(await healthOf(url)).toMatchObject({ slow: { name: 'A' } });
    sandbox.file('go', '');
    await printed(/loaded again/);
    expect(await healthOf(url)).toMatchObject({ slow: { name: 'C' }, config: { generation: 2 } });
    await printed(/closed A/);
    expect(output().match(/(begins|ready|closed) [A-C]/g)).toEqual([
      'begins A',
      'ready A',
      'begins B',
      'ready B',
      'closed B',
      'begins C',
      'ready C',
      'closed A',
    ]);
  });

  it('watches nothing with --no-watch, and reloads on SIGHUP all the same', async () => {
    const [watching, still] = await Promise.all([sandbox.gateway(), sandbox.gateway(['--no-watch'])]);
    for (const reload of [2, 3]) {
      sandbox.file('lib/word.ts', word(`word ${reload}`));
      await generation(watching.url, reload);
    }
    expect(await healthOf(still.url)).toMatchObject({ config: { generation: 1 }, mark: { word: 'first' } });
    still.child.kill('SIGHUP');
    expect((await generation(still.url, 2)).mark.word).toBe('word 3');
  });
});
