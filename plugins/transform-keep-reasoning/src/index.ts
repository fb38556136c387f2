import { definePlugin, mapEvents, Stage } from '@signalbox/kit';
import { capture } from './capture.ts';
import { configSchema } from './config.ts';
import { restore } from './restore.ts';
import { createAnswers, ReasoningStore } from './store.ts';

export type { KeepReasoningConfig } from './config.ts';

const NAME = 'transform-keep-reasoning';

/**
 * Keeps the opaque reasoning state of translated answers, and puts it back into the history on its way to the provider
 * that issued it. For clients whose format has no place for it, or that drop it.
 */
export default definePlugin({
  name: NAME,
  configSchema,
  apply: (host, { ttlMinutes, maxEntries, maxBytes, sameFormat }) => {
    const limits = { ttlMs: ttlMinutes * 60_000, maxEntries, maxBytes };
    const store = new ReasoningStore(limits, host.kept(NAME, createAnswers));
    const translated = (provider: string, format: string): boolean =>
      host.formatOf(provider) !== format || sameFormat.includes(provider);

    host.hooks.transformOut.tap({ name: NAME, stage: Stage.Early }, (reply, exchange) => {
      const { provider } = exchange.target ?? {};
      if (provider === undefined || !translated(provider, exchange.format)) return reply;
      return mapEvents(reply, () => capture(store, exchange, provider));
    });
    host.hooks.transformIn.tap(
      {
        name: NAME,
        stage: Stage.Late,
        when: ({ provider }, exchange) => store.holds(provider) && translated(provider, exchange.format),
      },
      (request, { provider }, exchange) => restore(request, store, exchange.principal?.id ?? '', provider),
    );
    host.addHealth('keptReasoning', () => ({ answers: store.size, bytes: store.bytes }));
  },
});
