import { type EventMapper, type Exchange, type ReasoningBlock, ReplyCallIds } from '@signalbox/kit';
import { type Kept, messageKey, type ReasoningStore } from './store.ts';

/**
 * Reads a reply on its way out and keeps its reasoning with opaque state, each with what stood behind it. Tool calls get
 * the ids here that the client will see, because the client will come back with those.
 */
export function capture(store: ReasoningStore, exchange: Exchange, provider: string): EventMapper {
  const ids = new ReplyCallIds(() => exchange.request, 'call_');
  const kept: Kept[] = [];
  const callIds: string[] = [];
  let before: ReasoningBlock[] = [];
  let open: ReasoningBlock | undefined;
  let text = '';

  /** What was thought before this block. */
  const anchor = (callId: string | undefined): void => {
    if (before.length > 0) kept.push({ blocks: before, ...(callId === undefined ? {} : { callId }) });
    before = [];
  };
  return (event) => {
    switch (event.type) {
      case 'block-start': {
        const { block } = event;
        if (block.type === 'reasoning') {
          open = { type: 'reasoning', text: '', ...(block.redacted === true ? { redacted: true } : {}) };
          return event;
        }
        if (block.type !== 'tool-call') {
          anchor(undefined);
          return event;
        }
        const id = ids.claim(block.id);
        callIds.push(id);
        anchor(id);
        return id === block.id ? event : { ...event, block: { ...block, id } };
      }
      case 'reasoning-delta':
        if (open !== undefined) open = { ...open, text: open.text + event.text };
        return event;
      case 'signature':
        if (open !== undefined) open = { ...open, state: event.state };
        return event;
      case 'text-delta':
        text += event.text;
        return event;
      case 'block-end':
        if (open !== undefined) before.push(open);
        open = undefined;
        return event;
      case 'message-end': {
        const key = messageKey(exchange.principal?.id ?? '', callIds[0], text);
        const hasState = kept.some(({ blocks }) => blocks.some(({ state }) => state !== undefined));
        if (key !== undefined && hasState) store.keep(key, provider, kept);
        return event;
      }
      default:
        return event;
    }
  };
}
