import { openaiChat } from '@signalbox/format-openai-chat';
import {
  definePlugin,
  defineProvider,
  defineStrategy,
  type HeaderMap,
  type JsonObject,
  mapEvents,
  type Plugin,
  Type,
} from '@signalbox/kit';
import { TARGET_HEADER, TIMEOUTS } from './gateway.ts';
import type { Misdeed } from './misdeeds.ts';

/** Which misdeed a request is for. */
export const MISDEED_HEADER = 'x-fuzz-misdeed';
/** What stands in the config of a plugin, and in no answer. */
export const PLUGIN_SECRET = 'sk-fuzz-plugin-0123456789';

/** Where a plugin may go wrong later, too: what it gives may be a promise, or nothing. */
const ASYNC_PLACES = [
  ...['auth', 'route', 'transformIn', 'dispatch', 'transformOut', 'attempt', 'sign', 'answer'],
  ...['named', 'choose', 'admit', 'release', 'refine', 'attempted'],
];
const SYNC_PLACES = [
  ...['when', 'mapEvents', 'endpoint', 'adaptBody', 'acceptsVerbatim', 'adaptsVerbatim', 'countsTokens'],
  ...['formatFor', 'timeoutsFor', 'refineError'],
];
/** Hooks, a strategy, and the functions of a provider. */
export const PLACES: readonly { readonly place: string; readonly isAsync: boolean }[] = [
  ...ASYNC_PLACES.map((place) => ({ place, isAsync: true })),
  ...SYNC_PLACES.map((place) => ({ place, isAsync: false })),
];

/** Misdeeds by the number in a request's header, or in the name of its model. */
export type Misdeeds = Map<string, { readonly place: string; readonly run: Misdeed }>;

/** Plugins with every function that a plugin may have; each does its work, unless a request says otherwise. */
export function brokenPlugins(misdeeds: Misdeeds, url: string): readonly (readonly [Plugin, JsonObject])[] {
  const at = <T>(place: string, key: string | undefined, work: () => T): T => {
    const misdeed = misdeeds.get(key ?? '');
    return misdeed?.place === place ? (misdeed.run() as T) : work();
  };
  const asked = <T>(place: string, { headers }: { readonly headers: HeaderMap }, work: () => T): T =>
    at(place, headers[MISDEED_HEADER], work);
  const nothing = (): undefined => undefined;

  const transform = definePlugin({
    name: 'transform-broken',
    apply: ({ hooks }) => {
      const name = 'transform-broken';
      hooks.auth.tap(name, (exchange) => asked('auth', exchange, () => ({ id: 'somebody' })));
      hooks.route.tap(name, (plan, exchange) => asked('route', exchange, () => plan));
      const when = asked.bind(undefined, 'when');
      hooks.transformIn.tap(
        { name, when: (_target, exchange) => when(exchange, () => true) as boolean },
        (request, _target, exchange) => asked('transformIn', exchange, () => request),
      );
      hooks.dispatch.tap(name, (_request, _target, exchange) => asked('dispatch', exchange, nothing));
      hooks.transformOut.tap(name, (reply, exchange) =>
        asked('transformOut', exchange, () =>
          mapEvents(reply, () => (event) => asked('mapEvents', exchange, () => event)),
        ),
      );
      hooks.attempt.tap(name, (_record, exchange) => asked('attempt', exchange, nothing));
    },
  });
  const strategy = defineStrategy({
    id: 'broken',
    configSchema: Type.Object({}),
    create: () => ({
      named: (exchange) => asked('named', exchange, nothing),
      choose: (exchange) =>
        asked('choose', exchange, () => ({
          targets: [exchange.headers[TARGET_HEADER] ?? ''],
          reason: 'the fuzz',
          retry: { maxRetries: 0 },
          admit: () => asked('admit', exchange, () => () => asked('release', exchange, nothing)),
        })),
      refine: (_plan, exchange) => asked('refine', exchange, nothing),
      attempted: (_record, exchange) => asked('attempted', exchange, nothing),
    }),
  });
  const remote = defineProvider({
    id: 'broken',
    configSchema: Type.Object({ apiKey: Type.String() }),
    create: ({ apiKey }) => ({
      format: openaiChat,
      endpoint: (call) => asked('endpoint', call, () => ({ url, headers: { authorization: `Bearer ${apiKey}` } })),
      adaptBody: (body, call) => asked('adaptBody', call, () => body),
      acceptsVerbatim: (call) => asked('acceptsVerbatim', call, () => true),
      adaptsVerbatim: (call) => asked('adaptsVerbatim', call, () => true),
      formatFor: (call) => asked('formatFor', call, () => openaiChat),
      countsTokens: (call) => asked('countsTokens', call, () => false),
      timeoutsFor: (model) => at('timeoutsFor', model, nothing),
      sign: ({ body, headers }) => at('sign', modelIn(String(body)), () => headers),
      refineError: (error, { body }) => at('refineError', modelIn(body), () => error),
      timeouts: TIMEOUTS as object,
    }),
  });
  const local = defineProvider({
    id: 'broken-local',
    configSchema: Type.Object({}),
    create: () => ({
      answer: (_request, call) =>
        asked('answer', call, () => ({
          kind: 'whole',
          message: { content: [{ type: 'text', text: 'Hi.' }], stopReason: 'end-turn' },
        })),
    }),
  });
  return [
    [transform, {}],
    [strategy, {}],
    [remote, { apiKey: PLUGIN_SECRET }],
    [local, {}],
  ];
}

function modelIn(text: string): string | undefined {
  return /fuzz-\d+x/.exec(text)?.[0];
}
