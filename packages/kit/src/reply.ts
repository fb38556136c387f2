import type { Block, ChatReply, StreamBlock, StreamEvent, ToolCallBlock, Usage } from '@signalbox/spec';
import { errors, SignalboxError } from './errors.ts';
import { addAll } from './lists.ts';
import { parseJson } from './parse-json.ts';

/** A reply that is there as a whole. */
export interface WholeReply {
  readonly kind: 'whole';
  readonly message: ChatReply;
}

/** A reply that arrives in pieces: one array of events per network chunk. It can be read once. */
export interface StreamReply {
  readonly kind: 'stream';
  readonly events: AsyncIterable<readonly StreamEvent[]>;
}

export type Reply = WholeReply | StreamReply;

/** One event in; one, several or none out. */
export type EventMapper = (event: StreamEvent) => StreamEvent | readonly StreamEvent[] | undefined;

/**
 * Maps the events of a reply, whole or streamed, with a fresh mapper for each reply. Mappers are synchronous and keep
 * their state in their own closure.
 */
export function mapEvents(reply: Reply, createMapper: () => EventMapper): Reply {
  const map = createMapper();
  if (reply.kind === 'whole') {
    return { kind: 'whole', message: collectMessage(mapBatch(messageToEvents(reply.message), map)) };
  }
  const { events } = reply;
  return {
    kind: 'stream',
    events: (async function* () {
      for await (const batch of events) {
        const mapped = mapBatch(batch, map);
        if (mapped.length > 0) yield mapped;
      }
    })(),
  };
}

/** One batch of events through a mapper. */
export function mapBatch(batch: readonly StreamEvent[], map: EventMapper): StreamEvent[] {
  const out: StreamEvent[] = [];
  for (const event of batch) {
    const mapped = map(event);
    if (mapped === undefined) continue;
    if (Array.isArray(mapped)) addAll(out, mapped as StreamEvent[]);
    else out.push(mapped as StreamEvent);
  }
  return out;
}

/** Reads a streamed reply to its end. @throws {SignalboxError} what the stream's `error` event says, or CUT_STREAM. */
export async function collectReply(reply: Reply): Promise<ChatReply> {
  if (reply.kind === 'whole') return reply.message;
  const all: StreamEvent[] = [];
  for await (const batch of reply.events) for (const event of batch) all.push(event);
  return collectMessage(all);
}

/** The message that a finished run of events describes. */
export function collectMessage(events: Iterable<StreamEvent>): ChatReply {
  const collector = new MessageCollector();
  for (const event of events) collector.add(event);
  return collector.finish();
}

type Draft = { -readonly [Key in keyof ChatReply]: ChatReply[Key] } & { content: Block[] };

/** Builds the whole message from its events, one at a time. */
export class MessageCollector {
  readonly #draft: Partial<Draft> & { content: Block[] } = { content: [] };
  #open: StreamBlock | undefined;
  #text: string[] = [];
  #state: Extract<StreamEvent, { type: 'signature' }>['state'] | undefined;
  #extra: Extract<StreamEvent, { type: 'extension-delta' }>[] = [];

  add(event: StreamEvent): void {
    switch (event.type) {
      case 'message-start':
        if (event.id !== undefined) this.#draft.id = event.id;
        if (event.model !== undefined) this.#draft.model = event.model;
        if (event.extensions !== undefined) this.#draft.extensions = event.extensions;
        break;
      case 'block-start':
        this.#open = event.block;
        break;
      case 'text-delta':
      case 'reasoning-delta':
        this.#text.push(event.text);
        break;
      case 'tool-input-delta':
        this.#text.push(event.json);
        break;
      case 'signature':
        this.#state = event.state;
        break;
      case 'extension-delta':
        this.#extra.push(event);
        break;
      case 'block-end':
        this.#close();
        break;
      case 'usage':
        this.#draft.usage = mergeUsage(this.#draft.usage, event.usage);
        break;
      case 'message-end':
        this.#draft.stopReason = event.stopReason;
        if (event.rawStopReason !== undefined) this.#draft.rawStopReason = event.rawStopReason;
        if (event.stopSequence !== undefined) this.#draft.stopSequence = event.stopSequence;
        if (event.extensions !== undefined) this.#draft.extensions = { ...this.#draft.extensions, ...event.extensions };
        break;
      case 'error':
        throw SignalboxError.fromInfo(event.error);
    }
  }

  finish(): ChatReply {
    const { stopReason } = this.#draft;
    if (stopReason === undefined) throw errors.cutStream('The provider ended the reply before it was finished.');
    return { ...this.#draft, stopReason };
  }

  #close(): void {
    const open = this.#open;
    const text = this.#text.join('');
    if (open?.type === 'opaque') this.#draft.content.push(open);
    if (open?.type === 'text') this.#draft.content.push({ type: 'text', text, ...this.#deltas() });
    if (open?.type === 'reasoning') {
      this.#draft.content.push({
        type: 'reasoning',
        text,
        ...(this.#state === undefined ? {} : { state: this.#state }),
        ...(open.redacted === true ? { redacted: true } : {}),
      });
    }
    if (open?.type === 'tool-call') this.#draft.content.push(toolCall(open, text));
    this.#open = undefined;
    this.#text = [];
    this.#state = undefined;
    this.#extra = [];
  }

  /** Deltas of one format stay together as `extensions[format].deltas`. */
  #deltas(): Pick<Block & { type: 'text' }, 'extensions'> {
    if (this.#extra.length === 0) return {};
    const extensions: Record<string, { deltas: Extract<StreamEvent, { type: 'extension-delta' }>['value'][] }> = {};
    for (const { format, value } of this.#extra) {
      extensions[format] ??= { deltas: [] };
      extensions[format].deltas.push(value);
    }
    return { extensions };
  }
}

/** A tool call from its argument text: `''` is `{}`, and text that does not parse, or is nested too deep, is kept beside an empty input. */
export function toolCall(
  { id, name, extensions }: Pick<ToolCallBlock, 'id' | 'name' | 'extensions'>,
  rawInput: string,
): ToolCallBlock {
  let input: ToolCallBlock['input'] = {};
  if (rawInput.trim() !== '') {
    try {
      input = parseJson(rawInput);
    } catch {
      // `rawInput` says what it was.
    }
  }
  return { type: 'tool-call', id, name, input, rawInput, ...(extensions === undefined ? {} : { extensions }) };
}

/** The events of a whole message, as if it had arrived in one chunk. */
export function messageToEvents(message: ChatReply): StreamEvent[] {
  const { id, model, content, stopReason, rawStopReason, stopSequence, usage, extensions } = message;
  const events: StreamEvent[] = [
    {
      type: 'message-start',
      ...(id === undefined ? {} : { id }),
      ...(model === undefined ? {} : { model }),
      ...(extensions === undefined ? {} : { extensions }),
    },
  ];
  // First, so that a mapper that ends the message early does not lose the counts.
  if (usage !== undefined) events.push({ type: 'usage', usage });
  let index = -1;
  for (const block of content) {
    const start = streamBlock(block);
    if (start === undefined) continue;
    events.push({ type: 'block-start', index: ++index, block: start });
    if (block.type === 'text') {
      if (block.text !== '') events.push({ type: 'text-delta', index, text: block.text });
      for (const [format, { deltas }] of Object.entries(block.extensions ?? {})) {
        if (!Array.isArray(deltas)) continue;
        for (const value of deltas) events.push({ type: 'extension-delta', index, format, value: value as never });
      }
    }
    if (block.type === 'reasoning') {
      if (block.text !== '') events.push({ type: 'reasoning-delta', index, text: block.text });
      if (block.state !== undefined) events.push({ type: 'signature', index, state: block.state });
    }
    if (block.type === 'tool-call') {
      const json = block.rawInput ?? JSON.stringify(block.input);
      if (json !== '') events.push({ type: 'tool-input-delta', index, json });
    }
    events.push({ type: 'block-end', index });
  }
  events.push({
    type: 'message-end',
    stopReason,
    ...(rawStopReason === undefined ? {} : { rawStopReason }),
    ...(stopSequence === undefined ? {} : { stopSequence }),
  });
  return events;
}

function streamBlock(block: Block): StreamBlock | undefined {
  switch (block.type) {
    case 'text':
      return { type: 'text' };
    case 'reasoning':
      return block.redacted === true ? { type: 'reasoning', redacted: true } : { type: 'reasoning' };
    case 'tool-call': {
      const { id, name, extensions } = block;
      return { type: 'tool-call', id, name, ...(extensions === undefined ? {} : { extensions }) };
    }
    case 'opaque':
      return block;
    default:
      return undefined;
  }
}

/** Later counts replace earlier ones; what the later report leaves out stands. */
export function mergeUsage(before: Usage | undefined, after: Usage): Usage {
  return before === undefined ? after : { ...before, ...after };
}
