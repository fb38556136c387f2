import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fallback from '@signalbox/route-fallback';
import {
  conversation,
  cutAfter,
  dropConnection,
  errorFrame,
  providerError,
  type Responder,
  type ScriptedProvider,
  sse,
  type Turn,
} from '@signalbox/testkit';
import { claudeBinary } from './agent-install.ts';
import { claudeCase, outcome } from './claude-case.ts';
import type { GatewayOptions, PluginEntry } from './gateway.ts';
import { ANTHROPIC_SIDE, CHAT_SIDE, DEEPSEEK_SIDE } from './lanes.ts';
import { chatBodies, toolResults, type WireBody } from './wire-view.ts';

/** The client is no help: whatever fails and reaches it ends the run. */
const NO_HELP = { CLAUDE_CODE_MAX_RETRIES: '0', CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK: '1' };
const WORDS = ['one', 'two', 'three', 'four', 'five'];

const append = (word: string): Turn => ({
  text: `Now ${word}.`,
  toolCalls: [
    {
      id: `call_${word}`,
      name: 'Bash',
      arguments: { command: `echo ${word} >> words.txt; echo ${word}`, description: 'Add a word' },
    },
  ],
});

const FAULTS: readonly Responder[] = [
  // First, on a new connection: a kept one that is dropped is asked again, at the same target.
  dropConnection('rst'),
  providerError(500, { message: 'the engine is on fire' }),
  (request, wire) => sse(errorFrame(request, { type: 'api_error', message: 'no capacity left' }))(request, wire),
  cutAfter(0, 'end', sse(': nothing\n\n')),
  providerError(401, { type: 'authentication_error', message: 'invalid key' }),
  providerError(529, { type: 'overloaded_error', message: 'Overloaded' }),
];

/** The task, with every other call a fault, each time another one. */
function halfBroken(): Responder {
  const task = conversation([...WORDS.map(append), { text: 'Five words.' }]);
  let requests = 0;
  return (request, wire) => {
    const index = requests++;
    const fault = index % 2 === 0 ? FAULTS[(index / 2) % FAULTS.length] : undefined;
    return (fault ?? task)(request, wire);
  };
}

beforeAll(async () => {
  await claudeBinary();
}, 300_000);

describe.each([
  { first: CHAT_SIDE, second: ANTHROPIC_SIDE },
  { first: ANTHROPIC_SIDE, second: CHAT_SIDE },
  { first: DEEPSEEK_SIDE, second: CHAT_SIDE },
])('Claude Code where every call to $first.name fails, with $second.name behind it', ({ first, second }) => {
  const gateway = (provider: ScriptedProvider): GatewayOptions => {
    const { plugins, target } = first.gateway(provider);
    const spare = second
      .gateway(provider)
      .plugins.map(([plugin, options]): PluginEntry => [plugin, { ...options, name: 'spare' }]);
    return {
      target,
      plugins: [[fallback, { fallbacks: {}, default: ['spare/upstream-model'] }], ...plugins, ...spare],
    };
  };

  it('F22 F95 does its task to the end without knowing', async () => {
    const prompt = 'Add words';
    await claudeCase({ gateway, script: halfBroken(), prompt, env: NO_HELP }, async (scene) => {
      expect(outcome(scene.run)).toEqual({ exitCode: 0, isError: false, result: 'Five words.' });
      expect(await readFile(join(scene.folder, 'words.txt'), 'utf8')).toBe(`${WORDS.join('\n')}\n`);
      const last = chatBodies(scene.provider).at(-1) as WireBody;
      expect(toolResults(last).map(({ text }) => text)).toEqual(WORDS);

      const turns = WORDS.length + 1;
      expect(scene.provider.requests).toHaveLength(2 * turns);
      expect(scene.gateway.records.map(({ status, target }) => `${status} ${target}`)).toEqual(
        Array.from({ length: turns }, () => '200 spare/upstream-model'),
      );
      const codes = scene.gateway.records.map(({ attempts }) => attempts[0]?.error?.code);
      expect(codes).toEqual([
        'PROVIDER_UNREACHABLE',
        'PROVIDER_FAILED',
        'PROVIDER_FAILED',
        'CUT_STREAM',
        'PROVIDER_AUTH',
        'PROVIDER_OVERLOADED',
      ]);
    });
  });
});
