import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import modelCatalogue from '@signalbox/model-catalogue';
import routeAffinity from '@signalbox/route-affinity';
import routeBalance from '@signalbox/route-balance';
import routeCapability from '@signalbox/route-capability';
import routeContext from '@signalbox/route-context';
import routeCost from '@signalbox/route-cost';
import routeFallback from '@signalbox/route-fallback';
import routeHealth from '@signalbox/route-health';
import routeLatency from '@signalbox/route-latency';
import routeRules from '@signalbox/route-rules';
import routeScenarios from '@signalbox/route-scenarios';
import routeSubagents from '@signalbox/route-subagents';
import { startTestGateway, type TestGateway, type TestGatewayOptions } from './harness.ts';

/** Every strategy at once. Two providers: `anthropic` and, cheaper, smaller and without images or web search, `chat`. */
function everything({ thresholdTokens = 60_000, windowTokens = 200_000 } = {}): TestGatewayOptions {
  const price = (input: number) => ({ prices: { input, output: input * 5 } });
  return {
    plugins: [
      [
        modelCatalogue,
        {
          refreshHours: 0,
          cacheFile: join(tmpdir(), 'signalbox-decision-table', 'none.json'),
          overrides: {
            'anthropic/*': { contextTokens: 1_000_000, ...price(3) },
            'anthropic/window': { contextTokens: windowTokens },
            'chat/*': { contextTokens: 128_000, capabilities: { images: false, webSearch: false }, ...price(1) },
          },
        },
      ],
      [
        routeRules,
        {
          rules: [
            { name: 'guests', when: 'header("x-guest") == "yes"', to: 'chat/guest', overrules: true },
            { name: 'research', when: 'header("x-team") == "research"', to: ['chat/research', 'anthropic/research'] },
          ],
        },
      ],
      [
        routeSubagents,
        { agents: { Explore: 'chat/explorer', 'code reviewer': 'chat/reviewer' }, nested: 'chat/nested' },
      ],
      [routeBalance, { groups: { pool: { targets: ['chat/pooled'] } } }],
      [
        routeScenarios,
        {
          default: 'anthropic/main',
          background: 'chat/small',
          think: 'anthropic/thinker',
          longContext: { target: 'anthropic/long', thresholdTokens },
          webSearch: 'anthropic/searcher',
          image: 'anthropic/eyes',
          compact: 'chat/summary',
          subagent: 'chat/worker',
          models: { fast: 'anthropic/fast', 'mapped-*': 'anthropic/mapped-*', window: 'anthropic/window' },
        },
      ],
      [
        routeCost,
        { candidates: { 'anthropic/main': ['anthropic/main', 'chat/cheap'], 'anthropic/fast': ['chat/cheap'] } },
      ],
      [routeLatency, {}],
      [routeFallback, { fallbacks: { '*': ['anthropic/backup'] } }],
      [routeCapability, {}],
      [routeContext, { margin: 1 }],
      [routeAffinity, {}],
      [routeHealth, {}],
    ],
  };
}

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startTestGateway(everything());
});
afterAll(() => gateway.close());

interface Said {
  readonly promptTokens: number;
  readonly route?: { readonly scenario?: string; readonly reason: string };
  readonly routing: readonly { readonly strategy: string; readonly said: string | null }[];
  readonly targets: readonly { readonly target: string }[];
  readonly error?: { readonly message: string };
}

interface Wire {
  readonly body: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
}

async function ask({ body, headers = {}, path = '/v1/messages' }: Wire, at: TestGateway = gateway): Promise<Said> {
  const recorded = { method: 'POST', path, headers: { 'anthropic-version': '2023-06-01', ...headers }, body };
  return (await (await at.post('/explain', recorded)).json()) as Said;
}

/** `scenario → first target`; a name that decides has no scenario. */
async function decide(wire: Wire, at?: TestGateway): Promise<string> {
  const { route, targets, error } = await ask(wire, at);
  return error === undefined ? `${route?.scenario ?? 'name'} → ${targets[0]?.target}` : `refused: ${error.message}`;
}

const FOLDER = new URL('../../../../shared/claude-code/requests/', import.meta.url);
const present = existsSync(FOLDER);

const MAIN = 'think → anthropic/thinker';
const BACKGROUND = 'background → chat/small';
const IMAGE = 'image → anthropic/eyes';
/** Whatever is not here is the main loop, which thinks. */
const RECORDED: Readonly<Record<string, string>> = {
  'auto-mode-classifier': BACKGROUND,
  compact: 'compact → chat/summary',
  'compact-auto': 'compact → chat/summary',
  // The main loop on a small model.
  'consecutive-user-messages': BACKGROUND,
  'fallback-model': BACKGROUND,
  'model-haiku-4-5': BACKGROUND,
  // Counts are asked for where the answer would come from, but nothing compares, skips or moves them.
  'count-tokens': 'default → anthropic/main',
  'count-tokens-tools': 'default → anthropic/main',
  'image-input': IMAGE,
  // The last two of what a client fetched are pictures.
  'mcp-tool-results': IMAGE,
  'user-image-block': IMAGE,
  'model-switch-probe': 'default → chat/cheap',
  subagent: 'subagent → chat/explorer',
  'subagent-custom-agent': 'subagent → chat/reviewer',
  'subagent-general-purpose': 'subagent → chat/worker',
  'thinking-disabled': 'default → chat/cheap',
  'title-or-topic': BACKGROUND,
  'title-or-topic-haiku': BACKGROUND,
  'webfetch-subcall': BACKGROUND,
  websearch: 'webSearch → anthropic/searcher',
};

if (!present) {
  it('SKIPPED: the recorded requests of Claude Code (../shared/claude-code/requests) are not on this machine', () => {
    process.stderr.write('decision-table.test.ts: ../shared/claude-code/requests is absent, no recording is routed\n');
    expect(present).toBe(false);
  });
} else {
  const recordings = readdirSync(FOLDER).flatMap((file) => {
    const { path, headers, body } = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as {
      path: string;
      headers: Record<string, string>;
      body: JsonObject | null;
    };
    return body?.messages === undefined ? [] : [{ name: file.replace('.json', ''), wire: { path, headers, body } }];
  });

  describe('the recorded requests of Claude Code', () => {
    it.each(recordings)('$name', async ({ name, wire }) => {
      expect(await decide(wire)).toBe(RECORDED[name] ?? MAIN);
    });

    it('are all that the table names, and more', () => {
      const names = recordings.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(Object.keys(RECORDED)));
      expect(names.length).toBeGreaterThan(50);
    });

    it.each(['anthropic/chosen', 'anthropic,chosen', ' anthropic , chosen '])(
      'all go where "%s" says, whatever they are',
      async (model) => {
        for (const { wire } of recordings) {
          expect(await decide({ ...wire, body: { ...wire.body, model } })).toBe('name → anthropic/chosen');
        }
      },
    );

    it('all go where an alias says, though another target is cheaper', async () => {
      for (const { wire } of recordings) {
        expect(await decide({ ...wire, body: { ...wire.body, model: 'fast' } })).toBe('name → anthropic/fast');
      }
    });
  });
}

const text = (said: string): JsonObject => ({ type: 'text', text: said });
const user = (...content: JsonObject[]): JsonObject => ({ role: 'user', content });
const picture: JsonObject = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } };
const SUMMARISE = 'Your task is to create a detailed summary of the conversation so far, in short.';
const SEARCH = { type: 'web_search_20250305', name: 'web_search' };
const TOOL = { name: 'Read', input_schema: { type: 'object' } };
const AGENT = { 'x-claude-code-agent-id': 'a0000000000000007' };

const plain: Wire = {
  body: { model: 'claude-opus-4-8', max_tokens: 100, messages: [user(text('Hello.'))], stream: true },
};
const withBody =
  (more: JsonObject) =>
  (wire: Wire): Wire => ({ ...wire, body: { ...wire.body, ...more } });
const first = (block: JsonObject) => (wire: Wire) =>
  withBody({ messages: [user(block), ...(wire.body.messages as JsonObject[])] })(wire);

/** Each makes any request one of its kind. In the order in which they are asked. */
const KINDS: readonly (readonly [kind: string, make: (wire: Wire) => Wire, decision: string])[] = [
  ['webSearch', withBody({ tools: [SEARCH] }), 'webSearch → anthropic/searcher'],
  ['image', first(picture), IMAGE],
  ['longContext', first(text('word '.repeat(62_000))), 'longContext → anthropic/long'],
  [
    'compact',
    (wire) => ({
      ...wire,
      body: { ...wire.body, messages: [...(wire.body.messages as JsonObject[]), user(text(SUMMARISE))] },
    }),
    'compact → chat/summary',
  ],
  ['subagent', (wire) => ({ ...wire, headers: { ...wire.headers, ...AGENT } }), 'subagent → chat/worker'],
  ['background', withBody({ model: 'mapped-haiku' }), BACKGROUND],
  ['think', withBody({ thinking: { type: 'adaptive' } }), MAIN],
  [
    'models',
    (wire) => (wire.body.model === 'mapped-haiku' ? wire : withBody({ model: 'mapped-x' })(wire)),
    'name → anthropic/mapped-x',
  ],
];
const PAIRS = KINDS.flatMap(([winner, makeWinner, decision], at) =>
  KINDS.slice(at + 1).map(([loser, makeLoser]) => ({
    winner,
    loser,
    decision,
    make: (wire: Wire) => makeLoser(makeWinner(wire)),
  })),
);

describe('the order of the scenarios', () => {
  it.each(KINDS)('%s alone', async (_kind, make, decision) => {
    expect(await decide(make(plain))).toBe(decision);
  });

  it.each(PAIRS)('$winner goes before $loser', async ({ make, decision }) => {
    expect(await decide(make(plain))).toBe(decision);
  });

  it('is what they all together show', async () => {
    let wire = plain;
    const decided: string[] = [];
    for (const [, make] of KINDS.toReversed()) {
      wire = make(wire);
      decided.unshift(await decide(wire));
    }
    expect(decided).toEqual(KINDS.map(([, , decision]) => decision));
  });
});

describe('what is none of the kinds', () => {
  const CHEAP = 'default → chat/cheap';
  it.each<[string, JsonObject, Readonly<Record<string, string>>?]>([
    ['thinking that is switched off', { thinking: { type: 'disabled' } }],
    [
      'thinking that is switched off, with an effort',
      { thinking: { type: 'disabled' }, output_config: { effort: 'max' } },
    ],
    ['an effort alone, which is about the answer', { output_config: { effort: 'max' } }],
    ['a web search that the client does itself', { tools: [{ name: 'web_search', input_schema: { type: 'object' } }] }],
    ['another server tool', { tools: [{ type: 'bash_20250124', name: 'bash' }] }],
    ['no tools', { tools: [] }],
    ['talk of an image', { messages: [user(text('{"type":"image"} "image"'))] }],
    [
      'a document',
      { messages: [user({ type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'x' } })] },
    ],
    ['a summary that was asked for earlier', { messages: [user(text(SUMMARISE)), user(text('Go on.'))] }],
    [
      'a summary that a file asks for',
      { messages: [user({ type: 'tool_result', tool_use_id: 't', content: SUMMARISE })] },
    ],
    ['talk of subagents', { messages: [user(text('x-anthropic-billing-header: cc_is_subagent=true'))] }],
    ['an empty header', {}, { 'x-claude-code-agent-id': '' }],
    ['a session’s title with tools', { messages: [user(text('<session>\nHello.\n</session>'))], tools: [TOOL] }],
    ['a model that only begins like a pattern', { model: 'mapped' }],
    ['a vendor that is no provider', { model: 'vendor/model' }],
    ['a name that only looks like a target', { model: 'anthropic/' }],
    ['the name of an object’s own parts', { model: '__proto__' }],
    ['another such name', { model: 'constructor' }],
  ])('%s', async (_what, more, headers = {}) => {
    const wire = withBody(more)(plain);
    expect(await decide({ ...wire, headers })).toBe(CHEAP);
  });

  it('an image of long ago is one: the target has to take the whole history', async () => {
    const messages = [user(picture), { role: 'assistant', content: 'I see.' }, user(text('And now?'))];
    expect(await decide(withBody({ messages })(plain))).toBe(IMAGE);
  });
});

describe('explicit choices', () => {
  const all = KINDS.filter(([kind]) => kind !== 'models' && kind !== 'background').reduce(
    (wire, [, make]) => make(wire),
    withBody({ model: 'replaced' })(plain),
  );
  const asked = (model: string, headers: Readonly<Record<string, string>> = {}): Wire => ({
    body: { ...all.body, model },
    headers: { ...all.headers, ...headers },
  });

  it.each([
    ['anthropic/claude-x', 'name → anthropic/claude-x'],
    ['anthropic,claude-x', 'name → anthropic/claude-x'],
    ['anthropic/vendor/claude-x', 'name → anthropic/vendor/claude-x'],
    ['fast', 'name → anthropic/fast'],
  ])('%s wins over every scenario, rule, agent and price', async (model, decision) => {
    expect(await decide(asked(model, { 'x-team': 'research' }))).toBe(decision);
    expect(await decide(withBody({ model })(plain))).toBe(decision);
  });

  it('lose only to a rule that says so', async () => {
    const without = withBody({ model: 'anthropic/claude-x' })(plain);
    expect(await decide({ ...without, headers: { 'x-guest': 'yes' } })).toBe('guests → chat/guest');
    expect(await decide({ ...withBody({ model: 'fast' })(plain), headers: { 'x-guest': 'yes' } })).toBe(
      'guests → chat/guest',
    );
  });

  it('hear what their target lacks, and are not sent to a fallback', async () => {
    expect(await decide(asked('chat/x'))).toMatch(/^refused: .*chat\/x has no images, no web search/);
  });
});

describe('the other strategies that choose', () => {
  const agent = (prompt: string, more: Readonly<Record<string, string>> = {}): Wire => ({
    body: { ...plain.body, system: [text('You are an SDK agent.'), text(prompt)] },
    headers: { ...AGENT, ...more },
  });
  const nested = { 'x-claude-code-parent-agent-id': 'a0000000000000001' };

  it.each<[string, Wire, string]>([
    ['a rule', { ...plain, headers: { 'x-team': 'research' } }, 'research → chat/research'],
    [
      'a rule before a subagent',
      agent('You are a code reviewer.', { 'x-team': 'research' }),
      'research → chat/research',
    ],
    ['an agent by its prompt', agent('You are a code reviewer.'), 'subagent → chat/reviewer'],
    ['an agent without a name', agent('You are a painter.'), 'subagent → chat/worker'],
    ['an agent that an agent started', agent('You are a painter.', nested), 'subagent → chat/nested'],
    ['such an agent with a name', agent('You are a code reviewer.', nested), 'subagent → chat/reviewer'],
    [
      'a tag in an agent’s prompt',
      agent('<CCR-SUBAGENT-MODEL>chat,tagged</CCR-SUBAGENT-MODEL>Paint.'),
      'subagent → chat/tagged',
    ],
    [
      'a tag in the first message',
      withBody({ messages: [user(text('<signalbox-model>chat/tagged</signalbox-model>'))] })(plain),
      'name → chat/tagged',
    ],
    ['a group', withBody({ model: 'pool' })(plain), 'name → chat/pooled'],
  ])('%s', async (_what, wire, decision) => {
    expect(await decide(wire)).toBe(decision);
  });

  it('a tag in an agent’s own prompt goes before the name that the agent inherits', async () => {
    const tagged = agent('<signalbox-model>chat/tagged</signalbox-model>Paint.', { 'x-team': 'research' });
    for (const model of ['anthropic/chosen', 'fast']) {
      expect(await decide(withBody({ model })(tagged))).toBe('subagent → chat/tagged');
    }
  });

  it('a name that was typed goes before a tag in the first message: /model works in such a session', async () => {
    const messages = [user(text('<signalbox-model>chat/tagged</signalbox-model> Hello.'))];
    for (const model of ['anthropic/chosen', 'fast']) {
      expect(await decide(withBody({ messages, model })(plain))).toMatch(/^name → anthropic\//);
    }
  });
});

describe('at the boundary', () => {
  /** The decision of a gateway with other numbers, for the same request. */
  async function decisionWith(options: Parameters<typeof everything>[0], wire: Wire): Promise<string> {
    const other = await startTestGateway(everything(options));
    try {
      return await decide(wire, other);
    } finally {
      await other.close();
    }
  }

  it('longContext begins with the token behind thresholdTokens', async () => {
    const wire = first(text('word '.repeat(3_000)))(plain);
    const { promptTokens } = await ask(wire);
    const at = (thresholdTokens: number) => decisionWith({ thresholdTokens }, wire);
    expect(await at(promptTokens - 1)).toBe('longContext → anthropic/long');
    expect(await at(promptTokens)).toBe('default → chat/cheap');
    expect(await at(promptTokens + 1)).toBe('default → chat/cheap');
  });

  it('a window takes exactly what fits into it: the prompt and some of the answer that is asked for', async () => {
    const wire = withBody({ model: 'window', max_tokens: 300 })(first(text('word '.repeat(3_000)))(plain));
    const needed = (await ask(wire)).promptTokens + 300;
    const at = (windowTokens: number) => decisionWith({ windowTokens }, wire);
    expect(await at(needed + 1)).toBe('name → anthropic/window');
    expect(await at(needed)).toBe('name → anthropic/window');
    expect(await at(needed - 1)).toBe('name → anthropic/backup');
  });

  it('a named target whose window is too small makes the client compact, in the words that it knows', async () => {
    const wire = withBody({ model: 'anthropic/window', max_tokens: 300 })(first(text('word '.repeat(3_000)))(plain));
    const { promptTokens } = await ask(wire);
    expect(await decisionWith({ windowTokens: promptTokens + 299 }, wire)).toBe(
      `refused: prompt is too long: ${promptTokens} tokens > ${promptTokens - 1} maximum`,
    );
  });
});
