import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { conversation, providerError, type Responder, startScriptedProvider } from '@signalbox/testkit';
import { freePort } from '../../../packages/cli/test/command.ts';
import { claudeBinary } from './agent-install.ts';
import { type ClaudeRun, runClaude, runClient, temporaryFolder } from './claude.ts';
import { outcome } from './claude-case.ts';
import { SIGNALBOX, startSignalbox } from './signalbox-process.ts';

let claude: string;
beforeAll(async () => {
  claude = await claudeBinary();
}, 300_000);

describe('signalbox start with keys', () => {
  it('lets Claude Code fail at once on a wrong key', async () => {
    await using gateway = await startSignalbox(`{
      "plugins": [
        "@signalbox/format-anthropic-messages",
        ["@signalbox/auth-api-key", { "keys": ["the-right-key-0123456789"] }],
        "@signalbox/provider-demo",
        ["@signalbox/route-scenarios", { "default": "demo/demo" }],
      ],
    }`);
    await using folder = await temporaryFolder();
    const hello = (key: string) =>
      runClaude({
        args: ['Hello'],
        cwd: folder.path,
        env: { ANTHROPIC_BASE_URL: gateway.url, ANTHROPIC_AUTH_TOKEN: key },
      });
    const refused = await hello('some-other-key-0123456789');
    expect(outcome(refused)).toMatchObject({ exitCode: 1, isError: true, result: expect.stringContaining('401') });
    expect(outcome(await hello('the-right-key-0123456789'))).toMatchObject({ exitCode: 0, isError: false });
  });
});

describe('signalbox code', () => {
  it('answers without any key: the demo provider is there', async () => {
    await using folder = await temporaryFolder();
    const run = await signalboxCode(['-p', '--output-format', 'json', 'Hello, who is there?'], folder.path);
    expect(outcome(run)).toMatchObject({ exitCode: 0, isError: false, result: expect.stringMatching(/\w/) });
  });

  it('hands every argument and the exit code through', async () => {
    await using folder = await temporaryFolder();
    const run = await signalboxCode(['--no-such-option-of-claude'], folder.path);
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain('--no-such-option-of-claude');
  });

  it('works through the config beside it, tools included', async () => {
    const script = conversation([
      {
        toolCalls: [
          { id: 'call_1', name: 'Bash', arguments: { command: 'echo made > made.txt', description: 'Make' } },
        ],
      },
      { text: 'It is made.' },
    ]);
    await withConfig(script, async (folder) => {
      const args = ['-p', '--output-format', 'json', '--dangerously-skip-permissions', 'Make it'];
      expect(outcome(await signalboxCode(args, folder))).toEqual({
        exitCode: 0,
        isError: false,
        result: 'It is made.',
      });
      expect(existsSync(join(folder, 'made.txt'))).toBe(true);
    });
  });

  it('ends with the client’s own failure where the provider refuses', async () => {
    await withConfig(providerError(401, { message: 'this key was revoked' }), async (folder) => {
      const run = await signalboxCode(['-p', '--output-format', 'json', 'Hello'], folder);
      expect(outcome(run)).toMatchObject({ exitCode: 1, isError: true });
    });
  });
});

/** The command as a user types it, on a port that nothing else uses. */
async function signalboxCode(args: readonly string[], cwd: string): Promise<ClaudeRun> {
  const port = await freePort();
  const own = [...SIGNALBOX, '--port', String(port), 'code', ...args];
  return runClient(process.execPath, own, { cwd, env: { SIGNALBOX_CLAUDE: claude } });
}

/** A project folder with a `signalbox.jsonc` whose only provider is the scripted one. */
async function withConfig(script: Responder, use: (folder: string) => Promise<void>): Promise<void> {
  await using provider = await startScriptedProvider({ script });
  await using folder = await temporaryFolder();
  const config = `{
    // One provider, one route.
    "plugins": [
      "@signalbox/format-anthropic-messages",
      ["@signalbox/provider-compatible", { "name": "mine", "format": "openai-chat", "baseUrl": "${provider.url}/v1", "apiKey": "k" }],
      ["@signalbox/route-scenarios", { "default": "mine/some-model" }],
    ],
  }`;
  await writeFile(join(folder.path, 'signalbox.jsonc'), config);
  await use(folder.path);
}
