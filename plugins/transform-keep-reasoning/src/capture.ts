import {
  type Exchange,
  type ReasoningBlock,
  type ReasoningState,
  ReplyCallIds,
  type StreamEvent,
  toolCall,
} from '@signalbox/kit';
import { answerKey } from './answer-key.ts';
import type { Kept, ReasoningStore } from './store.ts';

interface OpenReasoning {
  text: string;
  state?: ReasoningState;
  readonly redacted: boolean;
}

interface OpenCall {
  readonly id: string;
  readonly name: string;
  json: string;
}

/**
 * Reads a reply on its way out and keeps its reasoning with opaque state, each with where it stood. Tool calls behind
 * reasoning get the ids here that the client will see, because the client will come back with those.
 */
export function capture(
  store: ReasoningStore,
  exchange: Exchange,
  provider: string,
): (event: StreamEvent) => StreamEvent {
  const ids = new ReplyCallIds(() => exchange.request, 'call_');
  const kept: Kept[] = [];
  const calls: OpenCall[] = [];
  let waiting: ReasoningBlock[] = [];
  let reasoning: OpenReasoning | undefined;
  let text = '';

  const place = (at: Kept['at']): void => {
    if (waiting.length > 0) kept.push({ blocks: waiting, ...(at === undefined ? {} : { at }) });
    waiting = [];
  };
  return (event) => {
    switch (event.type) {
      case 'block-start': {
        const { block } = event;
        if (block.type === 'reasoning') {
          reasoning = { text: '', redacted: block.redacted === true };
          return event;
        }
        if (block.type !== 'tool-call') {
          place(undefined);
          return event;
        }
        place(calls.length);
        // Where nothing was thought there is nothing to keep.
        const id = kept.length === 0 ? block.id : ids.claim(block.id);
        calls.push({ id, name: block.name, json: '' });
        return id === block.id ? event : { ...event, block: { ...block, id } };
      }
      case 'reasoning-delta':
        if (reasoning !== undefined) reasoning.text += event.text;
        return event;
      case 'signature':
        if (reasoning !== undefined) reasoning.state = event.state;
        return event;
      case 'text-delta':
        text += event.text;
        return event;
      case 'tool-input-delta': {
        const call = calls.at(-1);
        if (call !== undefined) call.json += event.json;
        return event;
      }
      case 'block-end':
        if (reasoning !== undefined) waiting.push(blockOf(reasoning));
        reasoning = undefined;
        return event;
      case 'message-end': {
        // A bare proof of what was said belongs behind it; a thought that led to nothing was cut off.
        waiting = waiting.filter((block) => block.text === '' && block.state !== undefined);
        place('end');
        if (!kept.some(({ blocks }) => blocks.some(({ state }) => state !== undefined))) return event;
        const thought = kept.flatMap(({ blocks }) => blocks.map((block) => block.text)).join('');
        const answer = { text, thought, calls: calls.map((call) => toolCall(call, call.json)) };
        const key = answerKey(exchange.principal?.id ?? '', answer, exchange.request.messages);
        exchange.whenStands(() => store.keep(key, provider, kept));
        return event;
      }
      default:
        return event;
    }
  };
}

function blockOf({ text, state, redacted }: OpenReasoning): ReasoningBlock {
  return {
    type: 'reasoning',
    text,
    ...(state === undefined ? {} : { state }),
    ...(redacted ? { redacted } : {}),
  };
}
