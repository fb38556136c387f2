import {
  type ChatReply,
  errors,
  type Format,
  type JsonObject,
  Notes,
  SignalboxError,
  type StreamDecoder,
  type StreamEvent,
  type TargetContext,
} from '@signalbox/kit';
import type { ExchangeState } from '../exchange.ts';
import { isContent } from './first-content.ts';

type MayMoveOn = Pick<ExchangeState, 'refusalMovesOn'>;

const refused = (): SignalboxError => errors.contentRefused('The provider refused to answer.');

/** An event before any content that is for the next target: a refusal without a word, or the first of marked ones. */
export function refusalIn(event: StreamEvent, { refusalMovesOn }: MayMoveOn): SignalboxError | undefined {
  if (!refusalMovesOn) return undefined;
  const marked = event.type === 'block-start' && event.block.type === 'text' && event.block.refusal === true;
  const silent = event.type === 'message-end' && event.stopReason === 'refusal';
  return marked || silent ? refused() : undefined;
}

/** The same of a whole answer, whatever it says beside: nothing of it is out. @throws {SignalboxError} CONTENT_REFUSED */
export function refuseRefusal({ stopReason }: ChatReply, { refusalMovesOn }: MayMoveOn): void {
  if (refusalMovesOn && stopReason === 'refusal') throw refused();
}

/** The same of one that passes through; what cannot be decoded does. @throws {SignalboxError} CONTENT_REFUSED */
export function refuseRefusalIn(body: JsonObject, format: Format, context: TargetContext, exchange: MayMoveOn): void {
  if (!exchange.refusalMovesOn) return;
  let reply: ChatReply;
  try {
    reply = format.decodeReply(body, onlooking(context));
  } catch (error) {
    if (SignalboxError.is(error)) return;
    throw error;
  }
  refuseRefusal(reply, exchange);
}

/** Looks into a stream that passes through, until it says something. */
export class RefusalWatch {
  readonly #decoder: StreamDecoder;
  readonly #exchange: MayMoveOn;
  /** There was neither content nor an end so far. */
  undecided = true;

  constructor(format: Format, context: TargetContext, exchange: MayMoveOn) {
    this.#decoder = format.createStreamDecoder(onlooking(context));
    this.#exchange = exchange;
  }

  /** @throws {SignalboxError} CONTENT_REFUSED */
  push(chunk: Uint8Array): void {
    if (this.undecided) this.#look(this.#decoder.push(chunk));
  }

  /** The provider closed. @throws {SignalboxError} CONTENT_REFUSED */
  end(): void {
    if (this.undecided) this.#look(this.#decoder.end());
    this.undecided = false;
  }

  #look(events: readonly StreamEvent[]): void {
    for (const event of events) {
      const refusal = refusalIn(event, this.#exchange);
      if (refusal === undefined && !isContent(event) && event.type !== 'message-end' && event.type !== 'error')
        continue;
      this.undecided = false;
      if (refusal !== undefined) throw refusal;
      return;
    }
  }
}

/** Nothing is lost of what is only looked at, so nothing is noted. */
function onlooking(context: TargetContext): TargetContext {
  return Object.create(context, { notes: { value: new Notes() } }) as TargetContext;
}
