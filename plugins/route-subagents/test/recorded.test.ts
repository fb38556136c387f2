import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { anthropicMessages } from '@signalbox/format-anthropic-messages';
import { type JsonObject, Notes } from '@signalbox/kit';
import { applyPlugin, fakeExchange } from '@signalbox/testkit';
import subagents from '../src/index.ts';

/** The recordings lie beside the repository, where a machine has them; they are never part of it. */
const FOLDER = new URL('../../../../shared/claude-code/requests/', import.meta.url);

async function reasonFor(file: string): Promise<string | undefined> {
  const { headers, body } = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as {
    headers: Record<string, string>;
    body: JsonObject;
  };
  const lowered = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const request = anthropicMessages.decodeRequest(body, { headers: lowered, notes: new Notes(), operation: 'chat' });
  const agents = { explore: 'a/1', 'general-purpose': 'a/2', 'code reviewer': 'a/3', '*': 'a/4' };
  const { hooks } = await applyPlugin(subagents, { agents, prompts: [], tags: true });
  const rawBody = Buffer.from(JSON.stringify(body));
  return (await hooks.route.promise(undefined, fakeExchange({ headers: lowered, request, rawBody })))?.reason;
}

if (existsSync(FOLDER)) {
  describe('the recorded requests of Claude Code', () => {
    it.each([
      ['subagent.json', 'explore'],
      ['subagent-general-purpose.json', 'general-purpose'],
      ['subagent-custom-agent.json', 'code reviewer'],
    ])('%s is told by its prompt: %s', async (file, name) => {
      expect(await reasonFor(file)).toBe(`the subagent fits "${name}" in agents`);
    });

    it.each(['01-first-turn-stream.json', 'subagent-result-in-main.json', 'webfetch-subcall.json', 'compact.json'])(
      '%s is no subagent’s',
      async (file) => {
        expect(await reasonFor(file)).toBeUndefined();
      },
    );
  });
} else {
  it('SKIPPED: the recorded requests of Claude Code (../shared/claude-code/requests) are not on this machine', () => {
    process.stderr.write('recorded.test.ts: ../shared/claude-code/requests is absent, no recording is looked at\n');
    expect(existsSync(FOLDER)).toBe(false);
  });
}
