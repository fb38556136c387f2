import {
  bodyHolds,
  definePlugin,
  type Exchange,
  mapBatches,
  mapEvents,
  messageToEvents,
  Stage,
  type StreamEvent,
  type Target,
} from '@signalbox/kit';
import { capture } from './capture.ts';
import { configSchema } from './config.ts';
import { createThoughts, Origins } from './origins.ts';
import { restore } from './restore.ts';
import { createAnswers, ReasoningStore } from './store.ts';
import { watchThoughts } from './watch-thoughts.ts';

export type { KeepReasoningConfig } from './config.ts';

const NAME = 'transform-keep-reasoning';
/** Where bare reasoning stands in a body that may pass through: of Chat and Ollama clients, and of Gemini's. */
const MARKS = ['"reasoning_content"', '"reasoning"', '"thinking"'] as const;
const CARRIER_MARKS = ['"thought"'] as const;

/**
 * Keeps the opaque reasoning state of translated answers for clients whose format has no place for it, and puts it back
 * into the history on its way to the provider that issued it. Remembers whose the reasoning is that clients got, so that
 * it goes to nobody else.
 */
export default definePlugin({
  name: NAME,
  configSchema,
  apply: (host, { ttlMinutes, maxEntries, maxBytes, sameFormat }) => {
    const limits = { ttlMs: ttlMinutes * 60_000, maxEntries, maxBytes };
    const store = new ReasoningStore(limits, host.kept(NAME, createAnswers));
    const origins = new Origins(limits, host.kept(`${NAME}/thoughts`, createThoughts));
    const always = new Set(sameFormat);
    const carries = ({ format }: Exchange): boolean => host.format(format)?.carriesReasoningState === true;
    const keepsFor = (provider: string, exchange: Exchange, passes: () => boolean): boolean =>
      always.has(provider) || (!carries(exchange) && !passes());
    const passes = (target: Target, exchange: Exchange): boolean => host.laneOf(target, exchange) === 'pass-through';

    host.hooks.transformOut.tap({ name: NAME, stage: Stage.Early }, (reply, exchange) => {
      const { target, lane, principal } = exchange;
      if (target === undefined) return reply;
      const { provider } = target;
      const passed = lane === 'pass-through';
      if (passed && !always.has(provider)) return reply;
      // A whole reply shows at once that there is nothing to keep.
      if (reply.kind === 'whole' && !reply.message.content.some(({ type }) => type === 'reasoning')) return reply;
      const watch = watchThoughts(origins, principal?.id ?? '', provider);
      // Half an answer has half of its state, and what the client sends back is the whole.
      const keeps = exchange.continues !== true && keepsFor(provider, exchange, () => passed);
      const see = keeps ? capture(store, exchange, provider) : undefined;
      if (reply.kind === 'stream') {
        return mapBatches(reply, (batch) => {
          for (const event of batch) watch(event);
          return see === undefined ? batch : mapFew(batch, see);
        });
      }
      for (const event of messageToEvents(reply.message)) watch(event);
      return see === undefined ? reply : mapEvents(reply, () => see);
    });
    host.hooks.transformIn.tap(
      {
        name: NAME,
        // The history as the client sends it; the other transforms see the whole of it.
        stage: Stage.Early,
        when: (target, exchange) => {
          const { provider } = target;
          const others = origins.holdsOthers(provider);
          if (!others && !store.holds(provider)) return false;
          if (always.has(provider)) return true;
          const carried = carries(exchange);
          if (!passes(target, exchange)) return others || !carried;
          // What passes through is decoded only for what it may hold.
          return others && (carried ? CARRIER_MARKS : MARKS).some((mark) => bodyHolds(exchange, mark));
        },
      },
      (request, target, exchange) => {
        const { provider } = target;
        return restore(request, {
          store: keepsFor(provider, exchange, () => passes(target, exchange)) ? store : undefined,
          origins,
          principal: exchange.principal?.id ?? '',
          provider,
          notes: exchange.notes,
        });
      },
    );
    host.addHealth('keptReasoning', () => ({ answers: store.size, bytes: store.bytes, thoughts: origins.size }));
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
