import { describe, expect, it } from '@jest/globals';
import {
  type ChatReply,
  definePlugin,
  defineStrategy,
  type EventMapper,
  mapEvents,
  type PluginHost,
  type Strategy,
  Type,
} from '@signalbox/kit';
import {
  brokenLaws,
  type StrategyOptions,
  strategyLaws,
  type TransformOptions,
  transformLaws,
} from '../src/laws/index.ts';
import { describeStrategy, describeTransform } from '../src/suites.ts';

const configSchema = Type.Object(
  { target: Type.String({ description: 'Where long prompts go.' }) },
  { additionalProperties: false },
);

function strategyOf(strategy: (target: string) => Strategy, schema: typeof configSchema = configSchema) {
  return defineStrategy({ id: 'long', configSchema: schema, create: ({ target }) => strategy(target) });
}

const long = strategyOf((target) => ({
  choose: (exchange) =>
    exchange.estimatePromptTokens() > 100 ? { targets: [target], reason: 'the prompt is long' } : undefined,
  refine: ({ targets }, exchange) =>
    exchange.headers['x-also'] === undefined ? undefined : { targets: [...targets, target], reason: 'and also here' },
}));

const longText = { system: [{ type: 'text', text: 'word '.repeat(500) }] } as const;
const strategyOptions: StrategyOptions = {
  config: { target: 'a/b' },
  cases: [
    { name: 'a long prompt goes there', request: longText, expect: ['a/b'] },
    { name: 'a short prompt does not', expect: undefined },
    { name: 'a plan that stands is left', request: longText, standing: ['c/d'], expect: undefined },
    { name: 'a plan is refined', headers: { 'x-also': '1' }, standing: ['c/d'], expect: ['c/d', 'a/b'] },
  ],
};
describeStrategy(long, strategyOptions);

describe('strategyLaws', () => {
  const broken = async (strategy: (target: string) => Strategy) =>
    (await brokenLaws(strategyLaws(strategyOf(strategy), strategyOptions))).map(({ name }) => name);

  it('find a strategy that never answers', async () => {
    expect(await broken(() => ({}))).toEqual(['taps the route hook', 'a long prompt goes there', 'a plan is refined']);
  });

  it('find a strategy that always answers', async () => {
    expect(await broken((target) => ({ choose: () => ({ targets: [target], reason: 'it is so' }) }))).toContain(
      'a short prompt does not',
    );
  });

  it('find an answer without a reason', async () => {
    expect(await broken((target) => ({ choose: () => ({ targets: [target], reason: '' }) }))).toContain(
      'a long prompt goes there',
    );
  });

  it('find a strategy that changes the request', async () => {
    const greedy = (): Strategy => ({
      choose: ({ request }) => {
        (request.messages as unknown[]).pop();
        return undefined;
      },
    });
    expect(await broken(greedy)).toContain('a short prompt does not');
  });

  it('find a schema with a key that is not described', async () => {
    const schema = Type.Object({ target: Type.String() }, { additionalProperties: false }) as typeof configSchema;
    const names = (
      await brokenLaws(
        strategyLaws(
          strategyOf(() => ({ choose: () => undefined }), schema),
          { config: {}, cases: [] },
        ),
      )
    ).map(({ name }) => name);
    expect(names).toEqual(['has a config schema that describes every key and takes no other']);
  });
});

function transformOf(createMapper: () => EventMapper, more: (host: PluginHost) => void = () => {}) {
  return definePlugin({
    name: 'transform-x',
    configSchema: Type.Object({}, { additionalProperties: false }),
    apply: (host) => {
      host.hooks.transformOut.tap('transform-x', (reply) => mapEvents(reply, createMapper));
      host.hooks.transformIn.tap('transform-x', (request, _target, { notes }) => {
        if ((request.maxOutputTokens ?? 0) <= 100) return request;
        notes.add('maxOutputTokens', 'approximated', 'at most 100');
        return { ...request, maxOutputTokens: 100 };
      });
      more(host);
    },
  });
}

const hideReasoning = (): EventMapper => {
  const hidden = new Set<number>();
  return (event) => {
    if (event.type === 'block-start') {
      if (event.block.type === 'reasoning') hidden.add(event.index);
      return hidden.has(event.index) ? undefined : { ...event, index: event.index - hidden.size };
    }
    if (!('index' in event)) return event;
    return hidden.has(event.index) ? undefined : { ...event, index: event.index - hidden.size };
  };
};

const reply: ChatReply = {
  content: [
    { type: 'reasoning', text: 'hm' },
    { type: 'text', text: 'Hello.' },
  ],
  stopReason: 'end-turn',
};
const transformOptions: TransformOptions = {
  config: {},
  requests: [
    {
      name: 'a high limit is lowered',
      request: { maxOutputTokens: 500 },
      expect: { maxOutputTokens: 100 },
      notes: ['maxOutputTokens'],
    },
    { name: 'a low limit stays', request: { maxOutputTokens: 5 }, expect: undefined, notes: [] },
  ],
  replies: [
    { name: 'reasoning goes', reply, expect: { content: [{ type: 'text', text: 'Hello.' }] } },
    { name: 'text stays', reply: { ...reply, content: reply.content.slice(1) }, expect: undefined },
  ],
};
describeTransform(transformOf(hideReasoning), transformOptions);

describe('transformLaws', () => {
  const broken = async (...args: Parameters<typeof transformOf>) =>
    (await brokenLaws(transformLaws(transformOf(...args), transformOptions))).map(({ name }) => name);

  it('find a transform that does nothing', async () => {
    expect(await broken(() => (event) => event)).toEqual([
      'reasoning goes: a whole reply',
      'reasoning goes: a stream, in any batches',
      'reasoning goes: two streams at once do not mix',
    ]);
  });

  it('find one that leaves a hole in the indexes', async () => {
    const holes = (): EventMapper => {
      const shown = hideReasoning();
      return (event) => (shown(event) === undefined ? undefined : event);
    };
    expect(await broken(holes)).toEqual(['reasoning goes: a stream, in any batches']);
  });

  it('find one that keeps its state in the plugin', async () => {
    const shared = hideReasoning();
    expect(await broken(() => shared)).toContain('text stays: a whole reply');
  });

  it('find one that makes a whole reply of a stream', async () => {
    const names = await broken(hideReasoning, ({ hooks }) =>
      hooks.transformOut.tap('x', (given) =>
        given.kind === 'whole'
          ? given
          : { kind: 'whole', message: { ...reply, content: [{ type: 'text', text: 'Hello.' }] } },
      ),
    );
    expect(names).toEqual([
      'reasoning goes: two streams at once do not mix',
      'text stays: two streams at once do not mix',
    ]);
  });

  it('find one that changes the request in place', async () => {
    const names = await broken(hideReasoning, ({ hooks }) =>
      hooks.transformIn.tap('x', (request) => Object.assign(request, { topK: 1 })),
    );
    expect(names).toContain('a low limit stays');
  });

  it('find one that copies a request without need', async () => {
    const names = await broken(hideReasoning, ({ hooks }) => hooks.transformIn.tap('x', (request) => ({ ...request })));
    expect(names).toEqual(['a low limit stays']);
  });
});
