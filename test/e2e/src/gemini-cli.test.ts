import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { conversation, providerError, type RecordedRequest } from '@signalbox/testkit';
import { type AgentSide, ANTHROPIC, CHAT, GEMINI } from './agent-sides.ts';
import { expectCleanCalls } from './expect-clean-calls.ts';
import { unaccountedContents } from './gemini-accounting.ts';
import { geminiCli } from './gemini-cli.ts';
import { type GeminiCliScene, geminiCliCase } from './gemini-cli-case.ts';
import { toolExchanges } from './tool-exchanges.ts';

const INSTALL_MS = 300_000;
const WORDS = 'Grüße aus "Zürich" 🚂\n';

it(
  'has the pinned Gemini CLI',
  async () => {
    expect(await geminiCli()).toMatch(/gemini\.js$/);
  },
  INSTALL_MS,
);

const expectCleanUpstream = (side: AgentSide, scene: GeminiCliScene) =>
  expectCleanCalls(
    {
      side,
      lane: side === GEMINI ? 'pass-through' : 'canonical',
      dialect: { fields: ['top_k'], messageFields: ['reasoning_content'] },
      unaccounted: unaccountedContents,
    },
    scene,
  );

describe.each([
  {
    side: CHAT,
    thoughts: ['"reasoning_content":"First the file."', '"reasoning_content":"Now both."'],
  },
  {
    side: ANTHROPIC,
    thoughts: [
      '{"type":"thinking","thinking":"First the file.","signature":"c2lnbmVk"}',
      '{"type":"thinking","thinking":"Now both.","signature":"c2VhbGVk"}',
    ],
  },
  { side: GEMINI, thoughts: ['"thoughtSignature":"c2lnbmVk"', '"thoughtSignature":"c2VhbGVk"'] },
])('Gemini CLI with a provider behind $side.name', ({ side, thoughts }) => {
  it('F04 F69 F75 writes and edits files, and its thoughts go back although it keeps none', async () => {
    const script = (folder: string) =>
      conversation([
        {
          reasoning: 'First the file.',
          signature: 'c2lnbmVk',
          text: 'Let me see.',
          toolCalls: [
            { id: 'call_write', name: 'write_file', arguments: { file_path: join(folder, 'in.txt'), content: WORDS } },
          ],
        },
        {
          reasoning: 'Now both.',
          signature: 'c2VhbGVk',
          toolCalls: [
            { id: 'call_shell', name: 'run_shell_command', arguments: { command: 'cat in.txt in.txt > out.txt' } },
            { id: 'call_none', name: 'read_file', arguments: { file_path: join(folder, 'absent.txt') } },
          ],
        },
        {
          toolCalls: [
            {
              id: 'call_edit',
              name: 'replace',
              arguments: {
                file_path: join(folder, 'in.txt'),
                old_string: 'aus',
                new_string: 'nach',
                instruction: 'Go',
              },
            },
          ],
        },
        { text: ['Both files ', 'are there.'] },
      ]);
    await geminiCliCase({ side, model: 'gemini-3.1-pro-preview', script }, async (scene) => {
      expect(scene.run.result?.response).toContain('Both files are there.');
      expect(scene.run.exitCode).toBe(0);
      expect(scene.run.result?.stats?.tools).toMatchObject({ totalSuccess: 3, totalFail: 1 });
      expect(await readFile(join(scene.folder, 'in.txt'), 'utf8')).toBe(WORDS.replace('aus', 'nach'));
      expect(await readFile(join(scene.folder, 'out.txt'), 'utf8')).toBe(WORDS + WORDS);
      await expectCleanUpstream(side, scene);

      expect(scene.provider.requests).toHaveLength(4);
      const last = scene.provider.requests.at(-1) as RecordedRequest;
      expect(toolExchanges(last)).toMatchObject([
        { name: 'write_file', input: { content: WORDS }, result: expect.stringContaining('Successfully created') },
        { name: 'run_shell_command', input: { command: 'cat in.txt in.txt > out.txt' } },
        { name: 'read_file', result: expect.stringContaining('File not found') },
        { name: 'replace', input: { new_string: 'nach' }, result: expect.stringContaining('Successfully modified') },
      ]);
      // Where a call has no signature, Gemini CLI puts a word there; that is no loss.
      const losses = scene.gateway.records.flatMap(({ notes }) =>
        notes.filter(({ reason }) => /reasoning/.test(reason)),
      );
      expect(losses).toEqual([]);
      for (const thought of thoughts) expect(last.rawBody.toString()).toContain(thought);
    });
  });

  it('F62 asks a small model for a score by a schema, and then the model of its choice', async () => {
    const script = () =>
      conversation([{ text: 'Hello.' }], {
        isTurn: wantsText,
        aside: { text: '{"complexity_reasoning":"A greeting.","complexity_score":1}' },
      });
    await geminiCliCase({ side, script }, async (scene) => {
      expect(scene.run.result?.response).toBe('Hello.');
      expect(scene.run.exitCode).toBe(0);
      await expectCleanUpstream(side, scene);
      const [score, answer] = scene.provider.requests;
      expect(scene.provider.requests).toHaveLength(2);
      expect(answer?.body?.tools).toBeDefined();
      if (side === GEMINI) return;
      // Google also takes names of types in capitals; they are none in JSON Schema.
      expect(schemaOf(score?.body)).toMatchObject({
        type: 'object',
        properties: { complexity_reasoning: { type: 'string' }, complexity_score: { type: 'integer' } },
        required: ['complexity_reasoning', 'complexity_score'],
      });
    });
  });

  it('F92 tells what the provider refused, once', async () => {
    const script = () => providerError(400, { message: 'No such thing.' });
    await geminiCliCase({ side, model: 'some/model:free', script }, ({ run, provider }) => {
      expect(run.exitCode).not.toBe(0);
      expect(run.result?.error?.message).toContain('No such thing.');
      expect(provider.requests).toHaveLength(1);
    });
  });
});

/** Whether it is a turn of the session: those are streamed. */
function wantsText({ body, path }: RecordedRequest): boolean {
  return body?.stream === true || path.endsWith(':streamGenerateContent');
}

/** The schema that an answer must follow, in Chat Completions and in Messages. */
function schemaOf(body: JsonObject = {}): unknown {
  const { response_format: chat, output_config: anthropic } = body as {
    response_format?: { json_schema: JsonObject };
    output_config?: { format: JsonObject };
  };
  return chat?.json_schema.schema ?? anthropic?.format.schema;
}
