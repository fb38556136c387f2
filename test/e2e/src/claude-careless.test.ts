import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { inOrder, openaiChatTurn, type Responder, sse, type Turn } from '@signalbox/testkit';
import { claudeBinary } from './agent-install.ts';
import { claudeCase, outcome } from './claude-case.ts';
import { expectCleanUpstream } from './expect-clean-upstream.ts';
import { CHAT_SIDE, DEEPSEEK_SIDE } from './lanes.ts';
import { chatBodies, toolCallIds, toolResults, type WireBody } from './wire-view.ts';

beforeAll(async () => {
  await claudeBinary();
}, 300_000);

/** Every reply has the same id, calls itself another model, and numbers its calls from 0 again. */
const careless = (turn: Turn): Responder =>
  sse(openaiChatTurn(turn, { id: 'chatcmpl-0', model: 'a-dated-name' }).frames);

const append = (id: string, word: string): Turn => ({
  reasoning: `I add ${word}.`,
  toolCalls: [
    { id, name: 'Bash', arguments: { command: `echo ${word} >> words.txt; echo ${word}`, description: 'Add' } },
  ],
});

describe.each([CHAT_SIDE, DEEPSEEK_SIDE])('Claude Code with a careless provider behind $name', (side) => {
  it('keeps turns apart whose ids repeat, and the reasoning of a model with another name', async () => {
    const script = inOrder(
      careless(append('call_0', 'one')),
      careless(append('call_0', 'two')),
      careless(append('call_0', 'three')),
      careless({ text: 'Three words.' }),
    );
    await claudeCase({ gateway: side.gateway, script, prompt: 'Add words' }, async (scene) => {
      expect(outcome(scene.run)).toEqual({ exitCode: 0, isError: false, result: 'Three words.' });
      expect(await readFile(join(scene.folder, 'words.txt'), 'utf8')).toBe('one\ntwo\nthree\n');
      expectCleanUpstream(side, scene);
      const last = chatBodies(scene.provider)[3] as WireBody;
      expect(toolCallIds(last)).toHaveLength(3);
      expect(new Set(toolCallIds(last)).size).toBe(3);
      expect(toolResults(last)).toEqual(
        ['one', 'two', 'three'].map((text, at) => ({ id: toolCallIds(last)[at], text })),
      );
      expect(last.messages.flatMap(({ reasoning_content: text }) => (text ? [text] : []))).toEqual([
        'I add one.',
        'I add two.',
        'I add three.',
      ]);
    });
  });

  it('F09 runs a tool whose reply says that it has stopped', async () => {
    const script = inOrder(careless({ ...append('', 'one'), rawStopReason: 'stop' }), careless({ text: 'One word.' }));
    await claudeCase({ gateway: side.gateway, script, prompt: 'Add a word' }, async (scene) => {
      expect(outcome(scene.run)).toEqual({ exitCode: 0, isError: false, result: 'One word.' });
      expect(await readFile(join(scene.folder, 'words.txt'), 'utf8')).toBe('one\n');
      expectCleanUpstream(side, scene);
    });
  });

  it('F11 never runs a tool whose arguments were cut by the token limit', async () => {
    const cut: Turn = {
      toolCalls: [{ id: 'call_0', name: 'Bash', arguments: '{"command": "echo one >> words.txt' }],
      stopReason: 'max-tokens',
    };
    const script = inOrder(careless(cut), careless({ text: 'I stop here.' }));
    await claudeCase({ gateway: side.gateway, script, prompt: 'Add a word' }, async (scene) => {
      expect(outcome(scene.run)).toEqual({ exitCode: 0, isError: false, result: 'I stop here.' });
      await expect(readFile(join(scene.folder, 'words.txt'))).rejects.toThrow('ENOENT');
    });
  });
});
