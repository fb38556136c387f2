import { definePlugin, type Exchange, mapBatches, mapEvents, Stage, type StreamEvent } from '@signalbox/kit';
import { capture } from './capture.ts';
import { configSchema } from './config.ts';
import { restore } from './restore.ts';
import { createAnswers, ReasoningStore } from './store.ts';

export type { KeepReasoningConfig } from './config.ts';

const NAME = 'transform-keep-reasoning';

/**
 * Keeps the opaque reasoning state of translated answers for clients whose format has no place for it, and puts it back
 * into the history on its way to the provider that issued it.
 */
export default definePlugin({
  name: NAME,
  configSchema,
  apply: (host, { ttlMinutes, maxEntries, maxBytes, sameFormat }) => {
    const limits = { ttlMs: ttlMinutes * 60_000, maxEntries, maxBytes };
    const store = new ReasoningStore(limits, host.kept(NAME, createAnswers));
    const always = new Set(sameFormat);
    const carries = ({ format }: Exchange): boolean => host.format(format)?.carriesReasoningState === true;

    host.hooks.transformOut.tap({ name: NAME, stage: Stage.Early }, (reply, exchange) => {
      const { target, lane } = exchange;
      if (target === undefined) return reply;
      const { provider } = target;
      if (!always.has(provider) && (lane === 'pass-through' || carries(exchange))) return reply;
      const see = capture(store, exchange, provider);
      if (reply.kind === 'stream') return mapBatches(reply, (batch) => mapFew(batch, see));
      // A whole reply shows at once that there is nothing to keep.
      return reply.message.content.some(({ type }) => type === 'reasoning') ? mapEvents(reply, () => see) : reply;
    });
    host.hooks.transformIn.tap(
      {
        name: NAME,
        // The history as the client sends it; the other transforms see the whole of it.
        stage: Stage.Early,
        when: (target, exchange) => {
          if (!store.holds(target.provider)) return false;
          if (always.has(target.provider)) return true;
          return !carries(exchange) && host.laneOf(target, exchange) !== 'pass-through';
        },
      },
      (request, { provider }, exchange) => restore(request, store, exchange.principal?.id ?? '', provider),
    );
    host.addHealth('keptReasoning', () => ({ answers: store.size, bytes: store.bytes }));
  },
});

/** The same batch, unless one of its events becomes another. */
function mapFew(batch: readonly StreamEvent[], map: (event: StreamEvent) => StreamEvent): readonly StreamEvent[] {
  let changed: StreamEvent[] | undefined;
  for (const [at, event] of batch.entries()) {
    const mapped = map(event);
    if (mapped === event) continue;
    changed ??= [...batch];
    changed[at] = mapped;
  }
  return changed ?? batch;
}
