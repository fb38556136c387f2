import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from '@jest/globals';
import providerAnthropic from '@signalbox/provider-anthropic';
import providerCompatible from '@signalbox/provider-compatible';
import fallback from '@signalbox/route-fallback';
import scenarios from '@signalbox/route-scenarios';
import subagents from '@signalbox/route-subagents';
import { conversation, startScriptedProvider } from '@signalbox/testkit';
import { claudeBinary } from './agent-install.ts';
import { runClaude, temporaryFolder } from './claude.ts';
import { outcome } from './claude-case.ts';
import { startGateway } from './gateway.ts';
import { chatBodies, toolResults, type WireBody } from './wire-view.ts';

beforeAll(async () => {
  await claudeBinary();
}, 300_000);

const bash = (id: string, command: string) => ({
  id,
  name: 'Bash',
  arguments: { command, description: 'Do it' },
});

/** A hook that asks a small model whether the work is done. */
const STOP_HOOK = {
  hooks: { Stop: [{ hooks: [{ type: 'prompt', prompt: 'Is the work done? $ARGUMENTS' }] }] },
};

it('Claude Code talks to one provider, its side jobs to a second, its subagent to a third', async () => {
  await using strong = await startScriptedProvider({
    script: conversation([
      { text: 'I make a file.', toolCalls: [bash('call_file', 'echo heron > made.txt; cat made.txt')] },
      {
        toolCalls: [
          {
            id: 'call_agent',
            name: 'Agent',
            arguments: {
              description: 'Look',
              prompt: 'SUBTASK: find the word',
              subagent_type: 'general-purpose',
              run_in_background: false,
            },
          },
        ],
      },
      { text: 'All done: heron and plover.' },
    ]),
  });
  await using cheap = await startScriptedProvider({
    // What the check of a stop condition wants to hear.
    script: conversation(Array.from({ length: 20 }, () => ({ text: '{"ok": true}' }))),
  });
  await using scout = await startScriptedProvider({
    script: conversation([
      { toolCalls: [bash('call_word', 'echo plover > word.txt; cat word.txt')] },
      { text: 'The word is plover.' },
    ]),
  });
  await using gateway = await startGateway({
    plugins: [
      [providerAnthropic, { name: 'strong', baseUrl: strong.url, apiKey: 'strong-key-0001' }],
      [
        providerCompatible,
        { name: 'cheap', format: 'openai-chat', baseUrl: `${cheap.url}/v1`, apiKey: 'cheap-key-0002' },
      ],
      [
        providerCompatible,
        { name: 'scout', format: 'openai-chat', baseUrl: `${scout.url}/v1`, apiKey: 'scout-key-0003' },
      ],
      [subagents, { agents: { '*': 'scout/quick-eyes' } }],
      // Side jobs come under the main model's name, which the pattern fits.
      [scenarios, { default: 'strong/other', background: 'cheap/small', models: { 'claude-*': 'strong/best' } }],
      [fallback, { fallbacks: { 'scenario:background': [] }, default: [] }],
    ],
  });
  await using folder = await temporaryFolder();
  const run = await runClaude({
    args: ['--dangerously-skip-permissions', '--settings', JSON.stringify(STOP_HOOK), 'Make a file, then delegate.'],
    env: { ANTHROPIC_BASE_URL: gateway.url },
    cwd: folder.path,
  });

  expect(outcome(run)).toEqual({ exitCode: 0, isError: false, result: 'All done: heron and plover.' });
  expect(await readFile(join(folder.path, 'made.txt'), 'utf8')).toBe('heron\n');
  expect(await readFile(join(folder.path, 'word.txt'), 'utf8')).toBe('plover\n');

  const models = (provider: typeof strong) => chatBodies(provider).map(({ model }) => model);
  expect(models(strong)).toEqual(['best', 'best', 'best']);
  expect(models(scout)).toEqual(['quick-eyes', 'quick-eyes']);
  expect(models(cheap).length).toBeGreaterThan(0);
  expect(new Set(models(cheap))).toEqual(new Set(['small']));
  expect(toolResults(chatBodies(strong)[2] as WireBody).at(-1)?.text).toContain('The word is plover.');
  expect(JSON.stringify(chatBodies(cheap)[0])).toContain('Is the work done?');

  const reasons = new Set(gateway.records.map(({ target, route }) => `${target}: ${route}`));
  expect([...reasons].filter((reason) => reason.startsWith('cheap/'))).toEqual([
    expect.stringContaining('background work'),
  ]);
});
