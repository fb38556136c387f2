import {
  type ClientContext,
  citationsIn,
  type JsonObject,
  mergeUsage,
  newId,
  ReplyCallIds,
  SignalboxError,
  type StreamBlock,
  type StreamEncoder,
  type StreamEvent,
  type Usage,
  untoldReason,
  type WebCitation,
  wireDelta,
} from '@signalbox/kit';
import { encodeErrorBody } from './encode-error.ts';
import { defaultStopDetails } from './encode-reply.ts';
import { encodeSignature } from './reply-blocks.ts';
import { encodeStopReason } from './stop-reason.ts';
import { wireToolId } from './tool-id.ts';
import { encodeUsage } from './usage.ts';
import { encodeWebCitation, type FoundOnTheWeb, WHOLE_TEXT, webFor } from './web-search.ts';
import { FORMAT_ID, isObject } from './wire.ts';

type EventOf<T extends StreamEvent['type']> = Extract<StreamEvent, { type: T }>;

const PING = 'event: ping\ndata: {"type":"ping"}\n\n';
const STOP = 'event: message_stop\ndata: {"type":"message_stop"}\n\n';
const EMPTY_DELTAS = {
  text: '{"type":"text_delta","text":""}',
  reasoning: '{"type":"thinking_delta","thinking":""}',
  'tool-call': '{"type":"input_json_delta","partial_json":""}',
} as const;

/**
 * Writes a stream as Anthropic clients expect it: one `message_start`, blocks that never interleave, one `message_delta`
 * with the final usage, `message_stop`, and an `event:` line on every frame.
 */
export class AnthropicStreamEncoder implements StreamEncoder {
  readonly contentType = 'text/event-stream; charset=utf-8';
  readonly #client: ClientContext;
  readonly #ids: ReplyCallIds;
  #started = false;
  #ended = false;
  /** A `message-start` came and waits for the usage that may come with it. */
  #startWaits = false;
  /** What the start said in this format and no frame has told yet. */
  #untold: JsonObject | undefined;
  #usage: Usage | undefined;
  /** Index on the wire: blocks that this client cannot be told do not count. */
  #index = -1;
  #open: keyof typeof EMPTY_DELTAS | undefined;
  /** A redacted block is written when its data is known. */
  #redacted = false;
  #signed = false;
  #web: { readonly found: FoundOnTheWeb | undefined } | undefined;
  /** The block whose citations were noted. */
  #cited = -1;

  constructor(client: ClientContext) {
    this.#client = client;
    this.#ids = new ReplyCallIds(() => client.request, 'toolu_');
  }

  open(): string {
    return this.#messageStart();
  }

  encode(events: readonly StreamEvent[]): string {
    let text = '';
    for (const event of events) text += this.#event(event);
    // What stood alone at the end of a chunk must not wait for the next one.
    return this.#startWaits ? text + this.#messageStart() : text;
  }

  /** Claude Code's event timer is reset by empty deltas, not by pings. */
  keepAlive(): string {
    if (this.#ended) return '';
    return this.#open === undefined ? PING : this.#delta(EMPTY_DELTAS[this.#open]);
  }

  fail(error: SignalboxError): string {
    if (this.#ended) return '';
    this.#ended = true;
    return `event: error\ndata: ${JSON.stringify(encodeErrorBody(error))}\n\n`;
  }

  #event(event: StreamEvent): string {
    if (this.#ended) return '';
    switch (event.type) {
      case 'message-start':
        this.#startWaits = true;
        this.#untold = event.extensions?.[FORMAT_ID];
        this.#client.notes.foreignExtensions(event.extensions, FORMAT_ID, '');
        return '';
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage);
        return '';
      case 'text-delta':
        return this.#delta(`{"type":"text_delta","text":${JSON.stringify(event.text)}}`);
      case 'reasoning-delta':
        if (this.#redacted) return '';
        return this.#delta(`{"type":"thinking_delta","thinking":${JSON.stringify(event.text)}}`);
      case 'tool-input-delta':
        return this.#delta(`{"type":"input_json_delta","partial_json":${JSON.stringify(event.json)}}`);
      case 'block-start':
        return this.#messageStart() + this.#blockStart(event.block, event.index);
      case 'signature':
        return this.#signature(event);
      case 'extension-delta':
        return this.#extensionDelta(event);
      case 'block-end':
        return this.#blockEnd();
      case 'message-end':
        return this.#messageStart() + this.#messageEnd(event);
      case 'error':
        return this.fail(SignalboxError.fromInfo(event.error));
    }
  }

  /** The message's frame, once; `''` after that. */
  #messageStart(): string {
    this.#startWaits = false;
    if (this.#started || this.#ended) return '';
    this.#started = true;
    const { model } = this.#client;
    // These two belong to the end; a whole reply that is streamed has everything at its start.
    const { stop_details, container, ...told } = this.#untold ?? {};
    this.#untold = { stop_details, container };
    const promptTokens = this.#usage?.promptTokens ?? this.#client.estimatePromptTokens();
    const completionTokens = this.#usage?.completionTokens ?? 1;
    const message: JsonObject = {
      id: newId('msg_'),
      type: 'message',
      role: 'assistant',
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      container: null,
      diagnostics: null,
      ...told,
      usage: encodeUsage({ ...this.#usage, promptTokens, completionTokens }),
    };
    return frame('message_start', `{"type":"message_start","message":${JSON.stringify(message)}}`);
  }

  #blockStart(block: StreamBlock, at: number): string {
    switch (block.type) {
      case 'text':
        this.#open = 'text';
        return this.#contentStart('{"type":"text","text":"","citations":null}');
      case 'reasoning':
        this.#redacted = block.redacted === true;
        if (this.#redacted) return '';
        this.#open = 'reasoning';
        this.#signed = false;
        return this.#contentStart('{"type":"thinking","thinking":"","signature":""}');
      case 'tool-call': {
        this.#open = 'tool-call';
        this.#client.notes.foreignExtensions(block.extensions, FORMAT_ID, `content[${at}]`);
        const { id, name } = block;
        const wire = {
          type: 'tool_use',
          id: this.#ids.claim(wireToolId(id)),
          name,
          input: {},
          caller: { type: 'direct' },
        };
        return this.#contentStart(JSON.stringify({ ...wire, ...block.extensions?.[FORMAT_ID] }));
      }
      case 'opaque':
        return this.#opaque(block, at);
    }
  }

  /** A call's input goes as a delta, because clients ignore it in the start. */
  #opaque(block: Extract<StreamBlock, { type: 'opaque' }>, at: number): string {
    if (block.format === FORMAT_ID) return this.#whole(block.value);
    const web = block.webSearch === undefined ? undefined : this.#found();
    if (web === undefined) this.#client.notes.opaqueBlock(block, `content[${at}]`);
    else web.search(block.webSearch?.query);
    return '';
  }

  #whole(value: JsonObject): string {
    const streamed = typeof value.type === 'string' && value.type.endsWith('tool_use') && isObject(value.input);
    const start = this.#contentStart(JSON.stringify(streamed ? { ...value, input: {} } : value));
    const input = streamed
      ? this.#delta(`{"type":"input_json_delta","partial_json":${JSON.stringify(JSON.stringify(value.input))}}`)
      : '';
    return start + input + this.#contentStop();
  }

  #signature({ state }: EventOf<'signature'>): string {
    const text = JSON.stringify(encodeSignature(state));
    this.#signed = true;
    if (!this.#redacted) return this.#delta(`{"type":"signature_delta","signature":${text}}`);
    return this.#contentStart(`{"type":"redacted_thinking","data":${text}}`) + this.#contentStop();
  }

  /** What the client's own search is told at the end; `undefined` where it has not asked for one. */
  #found(): FoundOnTheWeb | undefined {
    this.#web ??= { found: webFor(this.#client.request) };
    return this.#web.found;
  }

  #extensionDelta({ format, value, index }: EventOf<'extension-delta'>): string {
    if (format === FORMAT_ID) return this.#delta(JSON.stringify(wireDelta(value)));
    const citations = citationsIn(value);
    if (citations !== undefined) return this.#citations(citations, index);
    this.#client.notes.add(`content[${index}]`, 'dropped', untoldReason(format, value));
    return '';
  }

  #citations(citations: readonly WebCitation[], index: number): string {
    if (citations.length === 0) return '';
    let out = '';
    for (const citation of citations) {
      this.#found()?.cite(citation);
      out += this.#delta(JSON.stringify({ type: 'citations_delta', citation: encodeWebCitation(citation) }));
    }
    if (this.#cited !== index) this.#client.notes.add(`content[${index}]`, 'approximated', WHOLE_TEXT);
    this.#cited = index;
    return out;
  }

  #blockEnd(): string {
    const open = this.#open;
    this.#open = undefined;
    this.#redacted = false;
    if (open === undefined) return '';
    const unsigned = open === 'reasoning' && !this.#signed;
    const signature = unsigned ? this.#delta('{"type":"signature_delta","signature":""}') : '';
    return signature + this.#contentStop();
  }

  #messageEnd(event: EventOf<'message-end'>): string {
    this.#ended = true;
    const { notes } = this.#client;
    notes.foreignExtensions(event.extensions, FORMAT_ID, '');
    notes.foreignExtensions(this.#usage?.extensions, FORMAT_ID, 'usage');
    const { stop_details, container, ...rest } = { ...this.#untold, ...event.extensions?.[FORMAT_ID] };
    const body = {
      type: 'message_delta',
      delta: {
        stop_reason: encodeStopReason(event),
        stop_sequence: event.stopSequence ?? null,
        stop_details: stop_details ?? defaultStopDetails(event.stopReason),
        container: container ?? null,
      },
      ...rest,
      usage: encodeUsage(this.#usage),
    };
    let found = '';
    for (const block of this.#web?.found?.blocks() ?? []) found += this.#whole(block);
    return found + frame('message_delta', JSON.stringify(body)) + STOP;
  }

  #contentStart(block: string): string {
    this.#index++;
    return frame(
      'content_block_start',
      `{"type":"content_block_start","index":${this.#index},"content_block":${block}}`,
    );
  }

  #delta(delta: string): string {
    return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${this.#index},"delta":${delta}}\n\n`;
  }

  #contentStop(): string {
    return frame('content_block_stop', `{"type":"content_block_stop","index":${this.#index}}`);
  }
}

function frame(event: string, data: string): string {
  return `event: ${event}\ndata: ${data}\n\n`;
}
