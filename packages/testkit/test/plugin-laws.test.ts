import { describe, expect, it } from '@jest/globals';
import {
  type ChatReply,
  definePlugin,
  defineStrategy,
  type EventMapper,
  mapEvents,
  type Plugin,
  type PluginHost,
  type Reply,
  type Strategy,
  Type,
} from '@signalbox/kit';
import {
  brokenLaws,
  type Law,
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

function strategyOf(strategy: (target: string) => Strategy, { id = 'long', schema = configSchema } = {}) {
  return defineStrategy({ id, configSchema: schema, create: ({ target }) => strategy(target) });
}

const chooseLong = (target: string, reason = 'the prompt is long'): Strategy => ({
  choose: (exchange) => (exchange.estimatePromptTokens() > 100 ? { targets: [target], reason } : undefined),
});
const refineAlso = (target: string): Strategy => ({
  refine: ({ targets }, exchange) =>
    exchange.headers['x-also'] === undefined ? undefined : { targets: [...targets, target], reason: 'and also here' },
});
const long = strategyOf((target) => ({ ...chooseLong(target), ...refineAlso(target) }));

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

const brokenIn = async (laws: readonly Law[]): Promise<string[]> => (await brokenLaws(laws)).map(({ name }) => name);

describe('strategyLaws', () => {
  const undescribed = Type.Object({ target: Type.String() }, { additionalProperties: false }) as typeof configSchema;
  /** One fault each, and all the laws that find it. */
  const faults: [fault: string, plugin: Plugin, broken: string[]][] = [
    ['never answers', strategyOf(() => ({})), ['taps the route hook', 'a long prompt goes there', 'a plan is refined']],
    [
      'always answers',
      strategyOf((target) => ({ choose: () => ({ targets: [target], reason: 'it is so' }) })),
      ['a short prompt does not', 'a plan is refined'],
    ],
    [
      'takes every plan for its own',
      strategyOf((target) => ({ ...chooseLong(target), refine: () => ({ targets: [target], reason: 'it is so' }) })),
      // A plan that it has just made, too: there the targets are the same.
      ['a plan that stands is left', 'a plan is refined'],
    ],
    [
      'gives no reason',
      strategyOf((target) => ({ ...chooseLong(target, ''), ...refineAlso(target) })),
      ['a long prompt goes there'],
    ],
    [
      'changes the request',
      strategyOf(() => ({
        choose: ({ request }) => {
          (request.messages as unknown[]).pop();
          return undefined;
        },
      })),
      ['a long prompt goes there', 'a short prompt does not', 'a plan is refined'],
    ],
    [
      'describes no key of its options',
      strategyOf((target) => ({ ...chooseLong(target), ...refineAlso(target) }), { schema: undescribed }),
      ['has a config schema that describes every key and takes no other'],
    ],
    [
      'has a name that no config could have',
      strategyOf((target) => ({ ...chooseLong(target), ...refineAlso(target) }), { id: 'Long Prompts' }),
      ['is a plugin with a name of the form <kind>-<name>'],
    ],
  ];

  it.each(faults)('find a strategy that %s', async (_fault, plugin, broken) => {
    expect(await brokenIn(strategyLaws(plugin, strategyOptions))).toEqual(broken);
  });

  it('can each be broken by one of these', () => {
    const all = strategyLaws(long, strategyOptions).map(({ name }) => name);
    expect(new Set(faults.flatMap(([, , broken]) => broken))).toEqual(new Set(all));
  });
});

function transformOf(
  createMapper: () => EventMapper,
  { name = 'transform-x', closed = true, note = true, more = (_host: PluginHost): void => {} } = {},
) {
  return definePlugin({
    name,
    configSchema: Type.Object({}, { additionalProperties: !closed }),
    apply: (host) => {
      host.hooks.transformOut.tap(name, (reply) => mapEvents(reply, createMapper));
      host.hooks.transformIn.tap(name, (request, _target, { notes }) => {
        if ((request.maxOutputTokens ?? 0) <= 100) return request;
        if (note) notes.add('maxOutputTokens', 'approximated', 'at most 100');
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
  const idle = (): EventMapper => (event) => event;
  const holes = (): EventMapper => {
    const shown = hideReasoning();
    return (event) => (shown(event) === undefined ? undefined : event);
  };
  const shared = hideReasoning();
  const whole = (given: Reply): Reply =>
    given.kind === 'whole'
      ? given
      : { kind: 'whole', message: { ...reply, content: [{ type: 'text', text: 'Hello.' }] } };
  const more = (tap: (hooks: PluginHost['hooks']) => void) =>
    transformOf(hideReasoning, { more: ({ hooks }) => tap(hooks) });

  /** One fault each, and all the laws that find it. */
  const faults: [fault: string, plugin: Plugin, broken: string[]][] = [
    [
      'does nothing',
      transformOf(idle),
      [
        'reasoning goes: a whole reply',
        'reasoning goes: a stream, in any batches',
        'reasoning goes: two streams at once do not mix',
      ],
    ],
    ['leaves a hole in the indexes', transformOf(holes), ['reasoning goes: a stream, in any batches']],
    [
      'keeps its state in the plugin',
      transformOf(() => shared),
      [
        'text stays: a whole reply',
        'text stays: a stream, in any batches',
        'text stays: two streams at once do not mix',
      ],
    ],
    [
      'makes a whole reply of a stream',
      more((hooks) => hooks.transformOut.tap('x', whole)),
      ['reasoning goes: two streams at once do not mix', 'text stays: two streams at once do not mix'],
    ],
    [
      'changes the request in place',
      more((hooks) => hooks.transformIn.tap('x', (request) => Object.assign(request, { topK: 1 }))),
      ['a high limit is lowered', 'a low limit stays'],
    ],
    [
      'copies a request without need',
      more((hooks) => hooks.transformIn.tap('x', (request) => ({ ...request }))),
      ['a low limit stays'],
    ],
    ['lowers a limit in silence', transformOf(hideReasoning, { note: false }), ['a high limit is lowered']],
    [
      'takes any option',
      transformOf(hideReasoning, { closed: false }),
      ['has a config schema that describes every key and takes no other'],
    ],
    [
      'has a name that no config could have',
      transformOf(hideReasoning, { name: 'hide' }),
      ['is a plugin with a name of the form <kind>-<name>'],
    ],
  ];

  it.each(faults)('find a transform that %s', async (_fault, plugin, broken) => {
    expect(await brokenIn(transformLaws(plugin, transformOptions))).toEqual(broken);
  });

  it('can each be broken by one of these', () => {
    const all = transformLaws(transformOf(hideReasoning), transformOptions).map(({ name }) => name);
    expect(new Set(faults.flatMap(([, , broken]) => broken))).toEqual(new Set(all));
  });
});
