import { keepResponse } from '@signalbox/format-openai-responses';
import { definePlugin, Stage } from '@signalbox/kit';
import { answerQuestions } from './answers.ts';
import { configSchema } from './config.ts';
import { completeAndKeep } from './keeper.ts';
import { ResponseStore } from './store.ts';

export type { ResponseStoreConfig } from './config.ts';

const NAME = 'transform-response-store';
const FORMAT = 'openai-responses';

/**
 * Keeps what the gateway answers to Responses clients, so that they can go on from it, refer to its items, and ask for it
 * again, whatever provider answers. What passes through is kept by its own provider.
 */
export default definePlugin({
  name: NAME,
  configSchema,
  apply: (host, { ttlMinutes, maxEntries, maxBytes }) => {
    const limits = { ttlMs: ttlMinutes * 60_000, maxEntries, maxBytes };
    const store = host.kept(NAME, () => new ResponseStore(limits));
    store.limits = limits;
    host.hooks.route.tap({ name: NAME, stage: Stage.First }, (plan, exchange) => {
      if (exchange.format === FORMAT) keepResponse(exchange, completeAndKeep(exchange, store));
      return plan;
    });
    answerQuestions(host, store);
    host.addHealth('keptResponses', () => ({ responses: store.size, bytes: store.bytes }));
  },
});
