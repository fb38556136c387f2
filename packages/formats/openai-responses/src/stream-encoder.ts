import {
  type ClientContext,
  type JsonObject,
  mergeUsage,
  type ReasoningState,
  ReplyCallIds,
  SignalboxError,
  type StreamBlock,
  type StreamEncoder,
  type StreamEvent,
  type StreamRelay,
  type Usage,
  untoldReason,
} from '@signalbox/kit';
import { type ClientTool, clientTools, toolOfCall } from './client-tools.ts';
import { statusOf } from './encode-reply.ts';
import { streamError } from './errors.ts';
import { ID } from './fields.ts';
import { MessageStream } from './message-stream.ts';
import { json, type OpenItem, OutputFrames } from './output-frames.ts';
import { callItem, emptyCallItem, newCallItemId, opaqueItem, REFUSAL } from './output-items.ts';
import { encodeReasoningItem, newReasoningId } from './reasoning-items.ts';
import { ResponseObject, showsNoRefusals, tellKeeper } from './response-object.ts';
import { ResponsesStreamRelay } from './stream-relay.ts';
import { encodeUsage } from './usage.ts';

export function createStreamEncoder(client: ClientContext): StreamEncoder {
  return new ResponsesStreamEncoder(client);
}

interface OpenCall extends OpenItem {
  readonly tool: ClientTool;
  readonly callId: string;
}

class ResponsesStreamEncoder implements StreamEncoder {
  readonly contentType = 'text/event-stream; charset=utf-8';
  readonly #client: ClientContext;
  readonly #response: ResponseObject;
  readonly #ids: ReplyCallIds;
  #tools: ReadonlyMap<string, ClientTool> | undefined;
  readonly #frames = new OutputFrames();
  readonly #message: MessageStream;
  #opened = false;
  #ended = false;
  #block: StreamBlock | undefined;
  #reasoning: OpenItem | undefined;
  #state: ReasoningState | undefined;
  #call: OpenCall | undefined;
  #usage: Usage | undefined;

  constructor(client: ClientContext) {
    this.#client = client;
    this.#response = new ResponseObject(client);
    this.#message = new MessageStream(this.#frames, client.notes);
    this.#ids = new ReplyCallIds(() => client.request, 'call_');
  }

  open(): string {
    if (this.#opened) return '';
    this.#opened = true;
    const response = this.#inProgress();
    return this.#frames.frame('response.created', response) + this.#frames.frame('response.in_progress', response);
  }

  encode(events: readonly StreamEvent[]): string {
    let out = '';
    for (const event of events) {
      if (this.#ended) break;
      out += this.#event(event);
    }
    return out;
  }

  /**
   * Comments do not reset the clock of every client. Beside a provider's own stream the response is not ours to name, nor
   * is its count.
   */
  keepAlive(): string {
    if (!this.#opened) return 'event: keepalive\ndata: {"type":"keepalive"}\n\n';
    return this.#ended ? '' : this.#frames.frame('response.in_progress', this.#inProgress());
  }

  /** SDKs throw at `error`, Codex acts on `response.failed` only. */
  fail(error: SignalboxError, after?: StreamRelay): string {
    if (this.#ended) return '';
    this.#ended = true;
    if (after instanceof ResponsesStreamRelay) {
      this.#frames.countFrom(after.place.nextNumber());
      this.#response.id = after.place.responseId ?? this.#response.id;
    }
    const { type, code, message } = streamError(error);
    const flat = { code, message, param: null };
    const nested = JSON.stringify({ ...flat, error: { type, ...flat } }).slice(1, -1);
    return this.#frames.frame('error', nested) + this.#terminal('failed', { error: { code, message } });
  }

  #event(event: StreamEvent): string {
    switch (event.type) {
      case 'message-start':
        this.#response.extend(event.extensions);
        return this.open();
      case 'block-start':
        return this.open() + this.#blockStart(event.block, event.index);
      case 'text-delta':
        return this.#message.text(event.text);
      case 'reasoning-delta':
        return this.#reasoningDelta(event.text);
      case 'signature':
        this.#state = event.state;
        return '';
      case 'tool-input-delta':
        return this.#toolInput(event.json);
      case 'extension-delta':
        if (this.#block?.type === 'text') this.#message.cite(event.format, event.value);
        else this.#untold(event.index, event.format, event.value);
        return '';
      case 'block-end':
        return this.#blockEnd(event.index);
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage);
        return '';
      case 'message-end':
        return this.#end(event);
      case 'error':
        return this.fail(SignalboxError.fromInfo(event.error));
    }
  }

  #blockStart(block: StreamBlock, index: number): string {
    this.#block = block;
    if (block.type === 'text') {
      this.#message.beginText();
      return '';
    }
    const out = this.#message.close('completed');
    if (block.type === 'tool-call') return out + this.#openCall(block, index);
    return block.type === 'opaque' ? out + this.#opaque(block, index) : out;
  }

  #blockEnd(index: number): string {
    const block = this.#block;
    this.#block = undefined;
    switch (block?.type) {
      case 'text':
        return this.#message.endText(index);
      case 'reasoning':
        return this.#closeReasoning(block.redacted === true);
      case 'tool-call':
        return this.#closeCall();
      default:
        return '';
    }
  }

  #untold(index: number, format: string, value: JsonObject): void {
    this.#client.notes.add(`content[${index}]`, 'dropped', untoldReason(format, value));
  }

  #reasoningDelta(text: string): string {
    let out = '';
    if (this.#reasoning === undefined) {
      const id = newReasoningId();
      out = this.#frames.added({ id, type: 'reasoning', summary: [] });
      const place = `${this.#frames.place(id)},"summary_index":0`;
      this.#reasoning = this.#frames.open(id, `${place},"delta":`, '');
      out += this.#frames.frame('response.reasoning_summary_part.added', `${place},"part":${json(summaryPart(''))}`);
    }
    this.#reasoning.said += text;
    return out + this.#frames.delta('response.reasoning_summary_text.delta', this.#reasoning, text);
  }

  #closeReasoning(redacted: boolean): string {
    const open = this.#reasoning;
    const state = this.#state === undefined ? {} : { state: this.#state };
    this.#reasoning = undefined;
    this.#state = undefined;
    if (open === undefined) {
      const item = encodeReasoningItem({ text: '', ...state, redacted });
      const id = String(item.id);
      return this.#frames.added({ id, type: 'reasoning', summary: [] }) + this.#frames.done(item);
    }
    const { id, said, index } = open;
    const place = `${this.#frames.place(id, index)},"summary_index":0`;
    // Its id is out: the provider's own goes along in the state.
    const item = encodeReasoningItem({ text: said, ...state, redacted }, id);
    return (
      this.#frames.frame('response.reasoning_summary_text.done', `${place},"text":${json(said)}`) +
      this.#frames.frame('response.reasoning_summary_part.done', `${place},"part":${json(summaryPart(said))}`) +
      this.#frames.done(item)
    );
  }

  #openCall(block: Extract<StreamBlock, { type: 'tool-call' }>, index: number): string {
    this.#tools ??= clientTools(this.#client.request);
    this.#client.notes.foreignExtensions(block.extensions, ID, `content[${index}]`);
    const tool = toolOfCall(block, this.#tools);
    const id = newCallItemId(tool.kind);
    const callId = this.#ids.claim(block.id);
    const out = this.#frames.added(emptyCallItem(id, callId, tool));
    this.#call = { ...this.#frames.open(id, `${this.#frames.place(id)},"delta":`, ''), tool, callId };
    return out;
  }

  /** Only the text of a function's arguments can go on as it comes. */
  #toolInput(piece: string): string {
    const call = this.#call;
    if (call === undefined || piece === '') return '';
    call.said += piece;
    return call.tool.kind === 'function'
      ? this.#frames.delta('response.function_call_arguments.delta', call, piece)
      : '';
  }

  #closeCall(): string {
    const call = this.#call;
    if (call === undefined) return '';
    this.#call = undefined;
    const { id, index, tool, callId, said } = call;
    const item = callItem(id, callId, tool, said);
    const place = this.#frames.place(id, index);
    let out = '';
    if (tool.kind === 'function') {
      // Clients parse what they put together, and an empty text does not parse.
      if (said === '') out += this.#frames.delta('response.function_call_arguments.delta', call, '{}');
      out += this.#frames.frame(
        'response.function_call_arguments.done',
        `${place},"arguments":${json(item.arguments ?? '')}`,
      );
    } else if (tool.kind === 'custom') {
      const input = String(item.input);
      if (input !== '') out += this.#frames.delta('response.custom_tool_call_input.delta', call, input);
      out += this.#frames.frame('response.custom_tool_call_input.done', `${place},"input":${json(input)}`);
    }
    return out + this.#frames.done(item);
  }

  #opaque(block: Extract<StreamBlock, { type: 'opaque' }>, index: number): string {
    const item = opaqueItem(block);
    if (item !== undefined) return this.#frames.whole(item);
    this.#client.notes.opaqueBlock(block, `content[${index}]`);
    return '';
  }

  #end({ stopReason, extensions }: Extract<StreamEvent, { type: 'message-end' }>): string {
    let out = this.open();
    this.#response.extend(extensions);
    const { status, incomplete } = statusOf(stopReason, this.#message.hasText, this.#client);
    out += this.#message.close(status) + this.#closeCall();
    if (stopReason === 'refusal' && !this.#message.hasText) out += this.#refusal();
    this.#ended = true;
    const completed = status === 'completed' ? { completed_at: Math.floor(Date.now() / 1_000) } : {};
    return out + this.#terminal(status, { incomplete_details: incomplete, ...completed });
  }

  /** For a reply without a word. */
  #refusal(): string {
    if (!showsNoRefusals(this.#client)) return this.#message.refusal(REFUSAL);
    return this.#message.text(REFUSAL) + this.#message.close('completed');
  }

  #terminal(status: string, more: JsonObject): string {
    const usage = encodeUsage(this.#usage);
    const response = this.#response.with(status, 'full', { ...more, usage });
    if (status !== 'failed') tellKeeper(this.#client, response, () => this.#frames.items);
    const fields = `"response":${json(response).slice(0, -1)},"output":${this.#frames.output()}}`;
    return this.#frames.frame(`response.${status}`, fields);
  }

  #inProgress(): string {
    return `"response":${json(this.#response.with('in_progress', 'short', { output: [], usage: null }))}`;
  }
}

function summaryPart(text: string): JsonObject {
  return { type: 'summary_text', text };
}
