import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { router, type Wire } from './support.ts';

/** The recordings lie beside the repository, where a machine has them; they are never part of it. */
const FOLDER = new URL('../../../../shared/claude-code/requests/', import.meta.url);
const present = existsSync(FOLDER);

interface Recording {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject | null;
}

function recording(name: string): Wire {
  const { headers, body } = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')) as Recording;
  const lower = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]));
  return { body: body ?? {}, headers: lower };
}

const names = present
  ? readdirSync(FOLDER)
      .map((file) => file.replace(/\.json$/, ''))
      .filter((name) => recording(name).body.messages !== undefined)
  : [];

const ALL: JsonObject = {
  background: 'to/background',
  think: 'to/think',
  longContext: 'to/longContext',
  webSearch: 'to/webSearch',
  image: 'to/image',
  compact: 'to/compact',
  subagent: 'to/subagent',
};
/** Every recording that is not the thinking main loop. */
const OTHERS: Readonly<Record<string, string>> = {
  'auto-mode-classifier': 'background',
  compact: 'compact',
  'compact-auto': 'compact',
  // The main loop on a small model, thinking or not.
  'consecutive-user-messages': 'background',
  'fallback-model': 'background',
  'model-haiku-4-5': 'background',
  'count-tokens': 'default',
  'count-tokens-tools': 'default',
  'image-input': 'image',
  'mcp-tool-results': 'image',
  'user-image-block': 'image',
  'model-switch-probe': 'default',
  subagent: 'subagent',
  'subagent-custom-agent': 'subagent',
  'subagent-general-purpose': 'subagent',
  'thinking-disabled': 'default',
  'title-or-topic': 'background',
  'title-or-topic-haiku': 'background',
  'webfetch-subcall': 'background',
  websearch: 'webSearch',
};

if (!present) {
  it('SKIPPED: the recorded requests of Claude Code (../shared/claude-code/requests) are not on this machine', () => {
    process.stderr.write('recorded.test.ts: ../shared/claude-code/requests is absent, nothing is routed\n');
    expect(names).toEqual([]);
  });
} else {
  describe('the recorded requests of Claude Code', () => {
    it.each(names)('%s goes where its scenario says', async (name) => {
      const { target } = await (await router(ALL))(recording(name));
      expect(target).toBe(`to/${OTHERS[name] ?? 'think'}`);
    });

    it.each(Object.keys(OTHERS).concat('01-first-turn-stream'))('%s is there', (name) => {
      expect(names).toContain(name);
    });

    it.each(names)(
      '%s is decoded by neither background, webSearch, image, compact nor subagent unless it is one',
      async (name) => {
        const { think: _, longContext: __, ...options } = ALL;
        const { target, decodes } = await (await router(options))(recording(name));
        if (target === 'to/default') expect(decodes).toBe(0);
        expect(target).toBe(`to/${OTHERS[name] ?? 'default'}`);
      },
    );

    it.each(['subagent', 'subagent-custom-agent', 'subagent-general-purpose'])(
      '%s is one without its header',
      async (name) => {
        const { target } = await (await router(ALL))({ ...recording(name), headers: {} });
        expect(target).toBe('to/subagent');
      },
    );

    it('takes the Explore subagent for background work where that is asked first, the others not', async () => {
      const decide = await router({ ...ALL, order: ['background'] });
      expect((await decide(recording('subagent'))).target).toBe('to/background');
      expect((await decide(recording('subagent-general-purpose'))).target).toBe('to/subagent');
    });

    it('sends background work there whatever pattern there is for its name', async () => {
      const decide = await router({ background: 'to/background', models: { 'claude-*': 'to/models' } });
      for (const [name, kind] of Object.entries(OTHERS)) {
        if (kind === 'background')
          expect([name, (await decide(recording(name))).target]).toEqual([name, 'to/background']);
      }
      expect((await decide(recording('01-first-turn-stream'))).target).toBe('to/models');
    });

    it.each([
      ['thinking-enabled', { minBudgetTokens: 8000 }, 'think'],
      ['thinking-enabled', { minBudgetTokens: 8001 }, 'default'],
      ['01-first-turn-stream', { minEffort: 'high' }, 'think'],
      ['01-first-turn-stream', { minEffort: 'xhigh' }, 'default'],
    ])('%s with %j goes to %s', async (name, options, expected) => {
      const decide = await router({ think: { target: 'to/think', ...options } });
      expect((await decide(recording(name))).target).toBe(`to/${expected}`);
    });

    it('takes a long conversation for one from its own size on', async () => {
      const thresholds = async (thresholdTokens: number) => {
        const decide = await router({ longContext: { target: 'to/longContext', thresholdTokens } });
        return decide(recording('long-conversation'));
      };
      const { reason } = await thresholds(1);
      const tokens = Number(/about (\d+) tokens/.exec(reason)?.[1]);
      expect(tokens).toBeGreaterThan(20_000);
      expect((await thresholds(tokens - 1)).target).toBe('to/longContext');
      expect((await thresholds(tokens)).target).toBe('to/default');
      expect(await thresholds(100_000)).toMatchObject({ target: 'to/default', decodes: 0 });
    });
  });
}
