import { existsSync, readFileSync } from 'node:fs';
import { afterEach, expect, it } from '@jest/globals';
import { definePlugin, type JsonObject, type Plugin } from '@signalbox/kit';
import context from '@signalbox/route-context';
import { reply } from '@signalbox/testkit';
import { startTestGateway, type TestGateway } from './harness.ts';

const FOLDER = new URL('../../../../shared/claude-code/requests/', import.meta.url);
const present = existsSync(FOLDER);

let gateway: TestGateway;
afterEach(() => gateway?.close());

const windowOf = (contextTokens: number): Plugin =>
  definePlugin({
    name: 'facts',
    apply: (host) => host.addModelFacts(({ model }) => ({ id: model, contextTokens })),
  });

interface Recording {
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: JsonObject;
}

function recording(name: string): Recording {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Recording;
}

/** Sends a recorded request, asking for so long an answer, to a model with such a window: in its own format, or translated. */
async function ask(name: string, windowTokens: number, target: 'anthropic/x' | 'chat/x', max_tokens = 128_000) {
  gateway = await startTestGateway({ targets: [target], plugins: [[windowOf(windowTokens)], [context]] });
  gateway.provider.on('/v1/messages', reply({ text: 'Done.' }));
  gateway.provider.on('/v1/chat/completions', reply({ text: 'Done.' }));
  const { path, headers, body } = recording(name);
  const lower = Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value] as const);
  const kept = Object.fromEntries(lower.filter(([key]) => key !== 'content-length' && key !== 'host'));
  const answer = await gateway.post(path, { ...body, max_tokens }, kept);
  const text = await answer.text();
  const { notes, lane } = await gateway.nextRecord();
  const sent = gateway.provider.requests[0]?.body;
  return { status: answer.status, text, notes, lane, sent: Number(sent?.max_tokens ?? sent?.max_completion_tokens) };
}

if (!present) {
  it('SKIPPED: the recorded requests of Claude Code (../shared/claude-code/requests) are not on this machine', () => {
    process.stderr.write('context-windows.test.ts: ../shared/claude-code/requests is absent, nothing is sent\n');
    expect(present).toBe(false);
  });
} else {
  const NAMES = ['01-first-turn-stream', 'title-or-topic', 'tool-result-turn', 'model-haiku-4-5'];
  const CASES = NAMES.flatMap((name) =>
    [32_768, 65_536, 131_072].flatMap((size) => [
      [name, size, 'anthropic/x'] as const,
      [name, size, 'chat/x'] as const,
    ]),
  );

  it.each(CASES)(
    'F10 F61 Claude Code’s %s is answered in a window of %d at %s, with what its prompt leaves for the answer',
    async (name, size, target) => {
      const { status, sent, notes } = await ask(name, size, target);
      expect(status).toBe(200);
      // Its prompts are of 400 to 26,000 tokens, as far as a margin for the estimate counts in.
      expect(sent).toBeGreaterThanOrEqual(Math.max(4_096, size - 35_000));
      expect(sent).toBeLessThan(size - 300);
      const why = `128000 were asked for: beside the prompt the window of ${size} has no room for as many, so it gets ${sent}`;
      expect(notes.filter(({ path }) => path === 'maxOutputTokens').map(({ reason }) => reason)).toEqual(
        sent === 128_000 ? [] : [why],
      );
    },
  );

  it('a request that asks for no more than there is room for goes on as it came', async () => {
    const { lane, sent, notes } = await ask('01-first-turn-stream', 131_072, 'anthropic/x', 64_000);
    expect({ lane, sent, notes }).toEqual({ lane: 'pass-through', sent: 64_000, notes: [] });
  });

  it('F10 a long conversation is answered where it fits, else refused with the figures of its prompt alone', async () => {
    expect((await ask('long-conversation', 65_536, 'chat/x')).status).toBe(200);
    await gateway.close();
    const { status, text } = await ask('long-conversation', 32_768, 'chat/x');
    expect(status).toBe(400);
    const [, prompt, most] = /"prompt is too long: (\d+) tokens > (\d+) maximum"/.exec(text) ?? [];
    expect(Number(most)).toBe(Math.floor((32_768 - 4_096) / 1.05));
    expect(Number(prompt)).toBeGreaterThan(Number(most));
    expect(Number(prompt)).toBeLessThan(40_000);
  });
}
