import { rememberTurn, responseId } from '@signalbox/format-openai-responses';
import {
  type Block,
  type ChatRequest,
  type EventMapper,
  type Exchange,
  MessageCollector,
  ReplyCallIds,
  type StreamEvent,
  stateKey,
} from '@signalbox/kit';
import type { ResponseStore } from './store.ts';

const FORMAT = 'openai-responses';

/** The text of an answer so far: where its provider breaks off, another one may go on from it. */
const answered = stateKey(() => ({ text: '' }));

/**
 * Reads a reply on its way out and keeps it, once it is whole, with what was asked. Tool calls get the ids here that the
 * client will see: none that the history holds, of which the client sends only the end.
 * @param whole the request with everything that it goes on from.
 */
export function remember(
  store: ResponseStore,
  exchange: Exchange,
  whole: ChatRequest,
  previous: string | undefined,
): EventMapper {
  const ids = new ReplyCallIds(() => whole, 'call_');
  const collector = new MessageCollector();
  const said = exchange.state(answered);
  // No provider goes on with blanks.
  const begun = exchange.attempts.some(({ outcome }) => outcome === 'cut') ? said.text.trimEnd() : '';
  said.text = begun;
  return (event) => {
    const told = tell(event, ids);
    if (told.type === 'text-delta') said.text += told.text;
    if (told.type !== 'error') collector.add(told);
    if (told.type === 'message-end') {
      const content = continued(begun, collector.finish().content);
      const turn = rememberTurn(exchange.request, content);
      store.keep(exchange.principal?.id ?? '', responseId(exchange.id), turn, previous);
    }
    return told;
  };
}

/** The event as the client gets it. */
function tell(event: StreamEvent, ids: ReplyCallIds): StreamEvent {
  if (event.type === 'message-start') {
    const own = { ...event.extensions?.[FORMAT], store: true };
    return { ...event, extensions: { ...event.extensions, [FORMAT]: own } };
  }
  if (event.type !== 'block-start' || event.block.type !== 'tool-call') return event;
  const { block } = event;
  return { ...event, block: { ...block, id: ids.claim(block.id) } };
}

function continued(begun: string, content: readonly Block[]): readonly Block[] {
  if (begun === '') return content;
  const [first, ...others] = content;
  if (first?.type !== 'text') return [{ type: 'text', text: begun }, ...content];
  return [{ ...first, text: begun + first.text }, ...others];
}
