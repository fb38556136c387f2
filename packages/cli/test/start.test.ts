import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { freePort, PLUGIN, Sandbox } from './command.ts';

const SLOW = `
import { definePlugin } from '@signalbox/kit';
export default definePlugin({
  name: 'transform-slow',
  apply: ({ hooks }) => hooks.transformIn.tapPromise('transform-slow', async (request) => {
    console.log('a request has come');
    await new Promise((resolve) => setTimeout(resolve, 700));
    return request;
  }),
});
`;

const health = async (url: string): Promise<unknown> => (await fetch(`${url}/health`)).json();

const ask = (url: string): Promise<Response> =>
  fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': 'signalbox' },
    body: JSON.stringify({ model: 'demo', max_tokens: 50, messages: [{ role: 'user', content: 'Hello' }] }),
  });

describe('signalbox start', () => {
  let sandbox: Sandbox;
  beforeEach(() => {
    sandbox = new Sandbox();
    sandbox.file('own.ts', PLUGIN);
    sandbox.file('signalbox.jsonc', '{ "server": { "port": 0 }, "plugins": [["./own.ts", { "apiKey": "x" }]] }');
  });
  afterEach(() => sandbox.dispose());

  it.each(['SIGINT', 'SIGTERM'] as const)('listens, says where, and ends well on %s', async (signal) => {
    const { child, ended, url } = await sandbox.gateway();
    expect(await health(url)).toMatchObject({ name: 'signalbox', status: 'ok' });
    child.kill(signal);
    const { code, stdout, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`ANTHROPIC_BASE_URL=${url} ANTHROPIC_AUTH_TOKEN=signalbox`);
    expect(stdout).toContain(`OPENAI_BASE_URL=${url}/v1`);
    expect(stdout).toContain(`${sandbox.dir}/signalbox.jsonc`);
    expect(stdout).not.toContain('\u001b');
  });

  it('takes port and host from the command line over the config', async () => {
    const port = await freePort();
    const { ended, child, printed } = sandbox.start(['--host', 'localhost', 'start', '--port', String(port)]);
    const [, url = ''] = await printed(/listens on (\S+)/);
    expect(url).toBe(`http://localhost:${port}`);
    child.kill('SIGTERM');
    expect((await ended).code).toBe(0);
  });

  it('takes numbers from the environment, and shows their names', async () => {
    const port = await freePort();
    sandbox.file(
      'signalbox.jsonc',
      JSON.stringify({
        server: { port: '${OWN_PORT}' },
        plugins: [
          '@signalbox/format-anthropic-messages',
          [
            '@signalbox/provider-compatible',
            { profile: 'groq', name: 'mine', apiKey: '${OWN_KEY}', strict: '${STRICT:-true}' },
          ],
        ],
      }),
    );
    const { ended, child, printed } = sandbox.start(['start'], { OWN_PORT: String(port), OWN_KEY: 'k-secret' });
    const [, url = ''] = await printed(/listens on (\S+)/);
    expect(url).toBe(`http://127.0.0.1:${port}`);
    child.kill('SIGTERM');
    const { code, stdout } = await ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/mine +key from OWN_KEY\n/);
    expect(stdout).not.toContain('k-secret');
  });

  it('finishes the answer in flight before it ends', async () => {
    sandbox.file('slow.ts', SLOW);
    sandbox.file('signalbox.jsonc', '{ "plugins": ["@signalbox/preset-default", "./slow.ts"] }');
    const { child, ended, url, printed } = await sandbox.gateway();
    const answer = ask(url);
    await printed(/a request has come/);
    child.kill('SIGTERM');
    await printed(/Stopping/);
    await expect(fetch(`${url}/health`)).rejects.toThrow();
    const response = await answer;
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ type: 'message', role: 'assistant' });
    expect((await ended).code).toBe(0);
  });

  it('ends at once on a second signal, but takes a signal that comes twice for one', async () => {
    sandbox.file('slow.ts', SLOW.replace('700', '20_000'));
    sandbox.file('signalbox.jsonc', '{ "plugins": ["@signalbox/preset-default", "./slow.ts"] }');
    const { child, ended, url, printed } = await sandbox.gateway();
    const answer = ask(url).then(
      () => 'answered',
      () => 'cut',
    );
    await printed(/a request has come/);
    // Two of a kind at once would arrive as one.
    child.kill('SIGINT');
    child.kill('SIGTERM');
    await printed(/Stopping/);
    await sleep(600);
    expect(child.exitCode).toBeNull();
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(await answer).toBe('cut');
  });

  it('ends without a plugin that does not close, and says which', async () => {
    const plugin = (name: string, close: string): string => `
      import { definePlugin } from '@signalbox/kit';
      export default definePlugin({
        name: '${name}',
        apply: ({ hooks }) => hooks.close.tapPromise('${name}', ${close}),
      });`;
    sandbox.file('stuck.ts', plugin('log-stuck', '() => new Promise(() => {})'));
    // What a plugin leaves running is no reason to stay.
    sandbox.file(
      'fine.ts',
      `${plugin('log-fine', "async () => console.log('fine has closed')")}setInterval(() => {}, 9);`,
    );
    sandbox.file('signalbox.jsonc', '{ "plugins": ["@signalbox/preset-default", "./stuck.ts", "./fine.ts"] }');
    const { child, ended } = await sandbox.gateway();
    child.kill('SIGTERM');
    const { code, stdout, stderr } = await ended;
    expect(stderr).toMatch(/^signalbox: The plugin log-stuck did not close within 3000 ms\b.*\n$/);
    expect(code).toBe(1);
    expect(stdout).toContain('fine has closed');
  });

  it('says in one line that the port is taken', async () => {
    const { url } = await sandbox.gateway();
    const { port } = new URL(url);
    const { code, stdout, stderr } = await sandbox.run(['start', '--port', port]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^signalbox: Port ${port} on 127\\.0\\.0\\.1 is in use\\..*\\n$`));
  });

  it('runs two gateways at once on two ports', async () => {
    const [first, second] = await Promise.all([sandbox.gateway(), sandbox.gateway()]);
    expect(first.url).not.toBe(second.url);
    expect(await Promise.all([health(first.url), health(second.url)])).toHaveLength(2);
  });

  it('refuses an open address without an auth plugin', async () => {
    const { code, stderr } = await sandbox.run(['start', '--host', '0.0.0.0', '--port', '0']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^signalbox: Listening on 0\.0\.0\.0 lets others use/);
  });

  it('does not start with a plugin that fails, and says which', async () => {
    sandbox.file('bad.ts', PLUGIN.replace('hooks.log.tap(', "(() => { throw new Error('no such host') })("));
    sandbox.file('signalbox.jsonc', '{\n  "plugins": [["./bad.ts", { "apiKey": "x" }]]\n}');
    const { code, stdout, stderr } = await sandbox.run(['start', '--port', '0']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^signalbox\.jsonc:2:\d+: plugin log-own.*no such host\n$/);
  });

  it('starts without a config and names where each key is from, never the key', async () => {
    rmSync(`${sandbox.dir}/signalbox.jsonc`);
    const { child, ended } = await sandbox.gateway([], {
      OPENROUTER_API_KEY: 'sk-or-very-secret',
      SIGNALBOX_API_KEY: 'own-secret-key',
    });
    child.kill('SIGTERM');
    const { stdout, stderr } = await ended;
    expect(stdout).toMatch(/openrouter +key from OPENROUTER_API_KEY/);
    expect(stdout).toContain('ANTHROPIC_AUTH_TOKEN=$SIGNALBOX_API_KEY');
    expect(stdout + stderr).not.toMatch(/sk-or-very-secret|own-secret-key/);
  });
});
