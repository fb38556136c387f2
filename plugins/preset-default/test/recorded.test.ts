import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { anthropicMessages } from '@signalbox/format-anthropic-messages';
import { type Exchange, type JsonObject, Notes } from '@signalbox/kit';
import { fakeExchange } from '@signalbox/testkit';
import { gateway, only } from './support.ts';

/** The recordings lie beside the repository, where a machine has them; they are never part of it. */
const FOLDER = new URL('../../../../shared/claude-code/requests/', import.meta.url);
const present = existsSync(FOLDER);

/** The small jobs of Claude Code, and what asks for a Haiku model. Everything else is for the main model. */
const BACKGROUND = [
  'auto-mode-classifier',
  'consecutive-user-messages',
  'fallback-model',
  'model-haiku-4-5',
  'subagent',
  'title-or-topic',
  'title-or-topic-haiku',
  'webfetch-subcall',
];
/** Where background work goes with these keys. */
const SMALL: readonly (readonly [keys: readonly string[], small: string])[] = [
  [['ANTHROPIC'], 'anthropic/claude-haiku-4-5-20251001'],
  [['OPENROUTER'], 'openrouter/~anthropic/claude-haiku-latest'],
  [['DEEPSEEK'], 'deepseek/deepseek-flash'],
  [['OPENAI'], 'openai/gpt-6-luna'],
  [['GEMINI'], 'gemini/gemini-flash-lite-latest'],
  [['OPENROUTER', 'DEEPSEEK'], 'openrouter/~anthropic/claude-haiku-latest'],
  [['ANTHROPIC', 'OPENROUTER', 'DEEPSEEK', 'OPENAI', 'GEMINI'], 'anthropic/claude-haiku-4-5-20251001'],
];

function recorded(name: string): Exchange | undefined {
  const { headers, body } = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as {
    headers: Record<string, string>;
    body: JsonObject | null;
  };
  if (body?.messages === undefined) return undefined;
  const lower = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]));
  return fakeExchange({
    headers: lower,
    model: String(body.model),
    stream: body.stream === true,
    rawBody: Buffer.from(JSON.stringify(body)),
    request: anthropicMessages.decodeRequest(body, { headers: lower, notes: new Notes() }),
  });
}

if (!present) {
  it('SKIPPED: the recorded requests of Claude Code (../shared/claude-code/requests) are not on this machine', () => {
    process.stderr.write('recorded.test.ts: ../shared/claude-code/requests is absent, nothing is routed\n');
    expect(present).toBe(false);
  });
} else {
  const recordings = readdirSync(FOLDER).flatMap((file) => {
    const name = file.replace('.json', '');
    const exchange = recorded(name);
    return exchange === undefined ? [] : [{ name, exchange }];
  });

  it.each(SMALL)(
    'with the keys of %j background work goes to %s, all else where its model goes',
    async (keys, small) => {
      const { decide, target } = await gateway(only(...keys));
      for (const { name, exchange } of recordings) {
        const expected = BACKGROUND.includes(name) ? small : await target(exchange.model);
        expect([name, await decide(exchange)]).toEqual([name, expected]);
        if (!BACKGROUND.includes(name)) expect(expected).not.toBe(small);
      }
    },
  );

  it('are all that count as background work', () => {
    expect(recordings.map(({ name }) => name)).toEqual(expect.arrayContaining(BACKGROUND));
  });
}
