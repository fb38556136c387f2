import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { conversation, type RecordedRequest, type Responder } from '@signalbox/testkit';
import { claudeBinary } from './agent-install.ts';
import { claudeCase, outcome } from './claude-case.ts';
import { expectCleanUpstream } from './expect-clean-upstream.ts';
import { ANTHROPIC_SIDE, CHAT_SIDE, DEEPSEEK_SIDE, type ProviderSide } from './lanes.ts';
import { DOT_PNG } from './sdk-case.ts';
import { bodyOf, chatBodies, isChat, textOf, toolCallIds, toolNames, toolResults, type WireBody } from './wire-view.ts';

const INSTALL_MS = 300_000;
const WORDS = 'Grüße aus Zürich 🚂\n';

it(
  'has the pinned Claude Code',
  async () => {
    expect(await claudeBinary()).toMatch(/claude(\.exe)?$/);
  },
  INSTALL_MS,
);

describe.each([CHAT_SIDE, DEEPSEEK_SIDE, ANTHROPIC_SIDE])('Claude Code with a provider behind $name', (side) => {
  it('gets a plain answer with its usage', async () => {
    const usage = { promptTokens: 1_000, completionTokens: 25, cacheReadTokens: 400 };
    const script = conversation([{ text: ['Hello ', 'there, ', 'Zürich!'], usage }]);
    await claudeCase({ gateway: side.gateway, script, prompt: 'Say hello' }, (scene) => {
      expect(outcome(scene.run)).toEqual({ exitCode: 0, isError: false, result: 'Hello there, Zürich!' });
      expect(scene.run.result?.usage).toMatchObject({
        input_tokens: 600,
        cache_read_input_tokens: 400,
        output_tokens: 25,
      });
      expectCleanUpstream(side, scene);
      const [body] = chatBodies(scene.provider);
      expect(scene.provider.requests).toHaveLength(1);
      expect(toolNames(body as WireBody)).toEqual(expect.arrayContaining(['Bash', 'Read', 'Write', 'Edit', 'Agent']));
      expect(body?.messages.map(({ content }) => textOf(content)).join('\n')).toContain('Say hello');
    });
  });

  it('F75 works with tools over five turns, and its reasoning goes back with them', async () => {
    const script = inFolder((folder) => [
      {
        reasoning: 'First I look at the input.',
        signature: 'c2lnbmF0dXJlLTE=',
        text: 'Let me see.',
        toolCalls: [
          { id: 'call_write', name: 'Write', arguments: { file_path: join(folder, 'in.txt'), content: WORDS } },
        ],
      },
      {
        reasoning: 'Now in upper case.',
        signature: 'c2lnbmF0dXJlLTI=',
        toolCalls: [
          {
            id: 'call_bash',
            name: 'Bash',
            arguments: { command: 'cat in.txt in.txt > out.txt && wc -c < out.txt', description: 'Double it' },
          },
        ],
      },
      { toolCalls: [{ id: 'call_read', name: 'Read', arguments: { file_path: join(folder, 'out.txt') } }] },
      {
        reasoning: 'One more.',
        signature: 'c2lnbmF0dXJlLTM=',
        toolCalls: [
          {
            id: 'call_report',
            name: 'Write',
            arguments: { file_path: join(folder, 'report.json'), content: '{"ok":true}' },
          },
        ],
      },
      { text: `Both files are there: ${WORDS.trim()}` },
    ]);
    await claudeCase({ gateway: side.gateway, script, prompt: 'Do the work' }, async (scene) => {
      expect(outcome(scene.run)).toEqual({
        exitCode: 0,
        isError: false,
        result: `Both files are there: ${WORDS.trim()}`,
      });
      expect(await readFile(join(scene.folder, 'out.txt'), 'utf8')).toBe(WORDS + WORDS);
      expect(await readFile(join(scene.folder, 'report.json'), 'utf8')).toBe('{"ok":true}');
      expectCleanUpstream(side, scene);

      const bodies = chatBodies(scene.provider);
      expect(bodies).toHaveLength(5);
      const results = toolResults(bodies[4] as WireBody);
      expect(results).toHaveLength(4);
      expect(results.map(({ id }) => id)).toEqual(toolCallIds(bodies[4] as WireBody));
      expect(results[1]?.text.trim()).toBe(String(Buffer.byteLength(WORDS) * 2));
      expect(results[2]?.text).toContain(WORDS.trim());
      const signed = (signature: string) => (side.format === 'openai-chat' ? undefined : signature);
      expect(reasoningOf(side, bodies[4] as WireBody)).toEqual([
        ['First I look at the input.', signed('c2lnbmF0dXJlLTE=')],
        ['Now in upper case.', signed('c2lnbmF0dXJlLTI=')],
        ['One more.', signed('c2lnbmF0dXJlLTM=')],
      ]);
    });
  });

  it('F04 runs parallel tool calls, and their results go upstream in call order', async () => {
    const script = inFolder((folder) => [
      {
        text: 'Three at once.',
        toolCalls: [
          { id: 'call_slow', name: 'Bash', arguments: { command: 'sleep 0.4; echo slow', description: 'Slow' } },
          { id: 'call_fast', name: 'Bash', arguments: { command: 'echo fast', description: 'Fast' } },
          { id: 'call_none', name: 'Read', arguments: { file_path: join(folder, 'absent.txt') } },
        ],
      },
      { text: 'All three are done.' },
    ]);
    await claudeCase({ gateway: side.gateway, script, prompt: 'Go' }, (scene) => {
      expect(outcome(scene.run)).toEqual({ exitCode: 0, isError: false, result: 'All three are done.' });
      expectCleanUpstream(side, scene);
      const second = chatBodies(scene.provider)[1] as WireBody;
      const results = toolResults(second);
      const calls = toolCallIds(second);
      expect(new Set(calls).size).toBe(3);
      if (side.format === 'openai-chat') expect(results.map(({ id }) => id)).toEqual(calls);
      else expect(results.map(({ id }) => id).sort()).toEqual([...calls].sort());
      const textFor = (index: number) => results.find(({ id }) => id === calls[index])?.text.trim();
      expect(textFor(0)).toBe('slow');
      expect(textFor(1)).toBe('fast');
      expect(textFor(2)).toContain('does not exist');
    });
  });

  it('delegates to a subagent and uses what it found', async () => {
    const main = conversation([
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
      { text: 'The subagent said: plover.' },
    ]);
    const subagent = conversation([
      {
        toolCalls: [
          {
            id: 'call_sub',
            name: 'Bash',
            arguments: { command: 'echo plover > word.txt; cat word.txt', description: 'Find' },
          },
        ],
      },
      { text: 'The word is plover.' },
    ]);
    const script: Responder = (request, wire) => (isSubagent(request) ? subagent : main)(request, wire);
    await claudeCase({ gateway: side.gateway, script, prompt: 'Delegate' }, async (scene) => {
      expect(outcome(scene.run)).toEqual({ exitCode: 0, isError: false, result: 'The subagent said: plover.' });
      expect(await readFile(join(scene.folder, 'word.txt'), 'utf8')).toBe('plover\n');
      expectCleanUpstream(side, scene);
      const bodies = chatBodies(scene.provider);
      expect(bodies).toHaveLength(4);
      expect(toolResults(bodies[3] as WireBody)[0]?.text).toContain('The word is plover.');
    });
  });

  it('loads a deferred tool and calls it', async () => {
    const script = conversation([
      {
        toolCalls: [
          { id: 'call_search', name: 'ToolSearch', arguments: { query: 'select:NotebookEdit', max_results: 3 } },
        ],
      },
      { toolCalls: [{ id: 'call_bash', name: 'Bash', arguments: { command: 'echo after', description: 'Go on' } }] },
      { text: 'The tool is loaded.' },
    ]);
    await claudeCase({ gateway: side.gateway, script, prompt: 'Find the notebook tool' }, (scene) => {
      expect(outcome(scene.run)).toEqual({ exitCode: 0, isError: false, result: 'The tool is loaded.' });
      expectCleanUpstream(side, scene);
      const last = chatBodies(scene.provider)[2] as WireBody;
      expect(toolNames(last)).toContain('NotebookEdit');
      expect(toolResults(last).map(({ id }) => id)).toEqual(toolCallIds(last));
    });
  });

  it('F49 reads an image, and the model gets to see it', async () => {
    const script = inFolder(async (folder) => {
      await writeFile(join(folder, 'dot.png'), Buffer.from(DOT_PNG, 'base64'));
      return [
        { toolCalls: [{ id: 'call_png', name: 'Read', arguments: { file_path: join(folder, 'dot.png') } }] },
        { text: 'A single dot.' },
      ];
    });
    await claudeCase({ gateway: side.gateway, script, prompt: 'What is in dot.png?' }, (scene) => {
      expect(outcome(scene.run)).toEqual({ exitCode: 0, isError: false, result: 'A single dot.' });
      expectCleanUpstream(side, scene);
      const second = JSON.stringify(chatBodies(scene.provider)[1]);
      if (side.seesImages)
        expect(second).toMatch(side.format === 'openai-chat' ? /data:image\/png;base64,/ : /"media_type":"image\/png"/);
      else
        expect(scene.gateway.records[1]?.notes.filter(({ action }) => action === 'dropped').length).toBeGreaterThan(0);
    });
  });

  it('F26 counts tokens for /context without asking for a completion', async () => {
    await claudeCase(
      { gateway: side.gateway, script: side.countTokens, prompt: '/context' },
      ({ run, provider, gateway }) => {
        expect(run.exitCode).toBe(0);
        expect(run.result?.result).toContain('Context Usage');
        expect(gateway.records.length).toBeGreaterThan(0);
        expect(gateway.records.map(({ operation, status }) => `${operation} ${status}`)).toEqual(
          gateway.records.map(() => 'count-tokens 200'),
        );
        expect(provider.requests.filter(isChat)).toEqual([]);
        // The same question is asked once.
        const questions = new Set(gateway.received.map(({ rawBody }) => rawBody.toString()));
        expect(provider.requests.length).toBe(side.format === 'openai-chat' ? 0 : questions.size);
      },
    );
  });
});

/** Turns that need to know the folder, which only the first request tells. */
function inFolder(
  turnsFor: (folder: string) => Parameters<typeof conversation>[0] | Promise<Parameters<typeof conversation>[0]>,
): Responder {
  let script: Promise<Responder> | undefined;
  return async (request, wire) => {
    script ??= Promise.resolve(turnsFor(folderOf(request))).then((turns) => conversation(turns));
    await (await script)(request, wire);
  };
}

function folderOf({ rawBody }: RecordedRequest): string {
  const match = /Primary working directory: (.+?)\\n/.exec(rawBody.toString());
  if (match?.[1] === undefined) throw new Error('the client did not name its working directory');
  return JSON.parse(`"${match[1]}"`) as string;
}

function isSubagent(request: RecordedRequest): boolean {
  if (!isChat(request)) return false;
  const firstUser = bodyOf(request).messages.find(({ role }) => role === 'user');
  return textOf(firstUser?.content ?? undefined).includes('SUBTASK');
}

/** Reasoning with its signature in the order in which it stands. */
function reasoningOf({ format }: ProviderSide, { messages }: WireBody): [string, string | undefined][] {
  if (format === 'openai-chat') {
    return messages.flatMap(({ reasoning_content: text }) => (text ? [[text, undefined] as [string, undefined]] : []));
  }
  return messages.flatMap(({ content }) =>
    Array.isArray(content)
      ? content
          .filter(({ type }) => type === 'thinking')
          .map(({ thinking, signature }) => [String(thinking), String(signature)] as [string, string])
      : [],
  );
}
