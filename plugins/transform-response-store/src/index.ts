import { mayBeStored, previousResponseOf, withRemembered } from '@signalbox/format-openai-responses';
import { bodyHolds, definePlugin, type Exchange, mapEvents, type Reply, Stage } from '@signalbox/kit';
import { configSchema } from './config.ts';
import { remember } from './remember.ts';
import { ResponseStore } from './store.ts';

export type { ResponseStoreConfig } from './config.ts';

const NAME = 'transform-response-store';
const FORMAT = 'openai-responses';
/** How the ids begin that clients see for answers which the gateway wrote out. */
const OWN_ID = '"resp_sbx_';

/**
 * Keeps what the gateway answers to Responses clients, so that they can go on from it by `previous_response_id` at any
 * provider. What passes through is kept by its own provider.
 */
export default definePlugin({
  name: NAME,
  configSchema,
  apply: (host, { ttlMinutes, maxEntries, maxBytes }) => {
    const limits = { ttlMs: ttlMinutes * 60_000, maxEntries, maxBytes };
    const store = host.kept(NAME, () => new ResponseStore(limits));
    store.limits = limits;
    /** Replies as their providers gave them: one that passes through does so unless a tap changes it. */
    const given = new WeakSet<Reply>();
    const turnsBefore = ({ principal }: Exchange, previous: string | undefined) =>
      previous === undefined ? [] : store.turnsUpTo(principal?.id ?? '', previous);

    host.hooks.transformIn.tap(
      {
        name: NAME,
        // The other transforms see the whole conversation.
        stage: Stage.Early,
        when: (_target, exchange) => exchange.format === FORMAT && bodyHolds(exchange, OWN_ID),
      },
      (request, _target, exchange) => {
        const turns = turnsBefore(exchange, previousResponseOf(request));
        // What is not kept here is refused where the request leaves its format, or by a provider that does not know it.
        return turns === undefined || turns.length === 0 ? request : withRemembered(request, turns);
      },
    );

    host.hooks.transformOut.tap({ name: NAME, stage: Stage.Early }, (reply, exchange) => {
      if (exchange.format === FORMAT && exchange.lane === 'pass-through') given.add(reply);
      return reply;
    });
    host.hooks.transformOut.tap({ name: NAME, stage: Stage.Late }, (reply, exchange) => {
      if (exchange.format !== FORMAT || given.has(reply)) return reply;
      const { request } = exchange;
      const previous = previousResponseOf(request);
      const turns = turnsBefore(exchange, previous);
      // The beginning is known to the provider alone: half a conversation is worse than none.
      if (turns === undefined || !mayBeStored(request)) return reply;
      return mapEvents(reply, () => remember(store, exchange, withRemembered(request, turns), previous));
    });
    host.addHealth('keptResponses', () => ({ responses: store.size, bytes: store.bytes }));
  },
});
