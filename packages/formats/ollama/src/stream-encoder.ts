import {
  type ClientContext,
  mergeUsage,
  ReplyCallIds,
  SignalboxError,
  type StreamBlock,
  type StreamEncoder,
  type StreamEvent,
  saysSomething,
  type Usage,
} from '@signalbox/kit';
import { parseArguments, type WireArguments } from './call-arguments.ts';
import { CUT_CALL, PROMPT_CALL, REFUSAL, STATE_LOST, untoldIn, wireCall } from './encode-reply.ts';
import { encodeErrorBody } from './errors.ts';
import { ID } from './fields.ts';
import { isGenerate } from './generate.ts';
import { encodeStopReason, noteStop } from './stop-reason.ts';
import { encodeMetrics, noteParts } from './usage.ts';

export function createStreamEncoder(client: ClientContext): StreamEncoder {
  return new OllamaStreamEncoder(client);
}

interface Call {
  readonly id: string;
  readonly name: string;
  readonly arguments: WireArguments;
  /** Where its block stands. */
  readonly path: string;
}

class OllamaStreamEncoder implements StreamEncoder {
  readonly contentType = 'application/x-ndjson';
  readonly #client: ClientContext;
  readonly #generate: boolean;
  readonly #ids: ReplyCallIds;
  /** Everything of a line up to its time. */
  readonly #head: string;
  readonly #madeAt = performance.now();
  #firstMs: number | undefined;
  #ended = false;
  #time = '';
  #open: StreamBlock | undefined;
  /** The arguments of the open call so far: a call goes out whole. */
  #json = '';
  #calls = 0;
  /** Calls whose arguments do not parse: whether they were cut, the end tells. */
  #broken: Call[] = [];
  #answered = false;
  #hasContent = false;
  /** Why some of the open block's citations cannot be told. */
  #untold = new Set<string>();
  #usage: Usage | undefined;

  constructor(client: ClientContext) {
    this.#client = client;
    this.#generate = isGenerate(client.request);
    this.#ids = new ReplyCallIds(() => client.request, 'call_');
    this.#head = `{"model":${JSON.stringify(client.model)},"created_at":"`;
  }

  open(): string {
    return this.keepAlive();
  }

  /** Go clients take no blank lines: a delta that says nothing. */
  keepAlive(): string {
    this.#time = now();
    return this.#delta('');
  }

  encode(events: readonly StreamEvent[]): string {
    this.#time = now();
    let out = '';
    for (const event of events) {
      if (this.#ended) break;
      out += this.#event(event);
    }
    return out;
  }

  fail(error: SignalboxError): string {
    if (this.#ended) return '';
    this.#ended = true;
    return `${JSON.stringify({ ...encodeErrorBody(error), ...this.#receipt() })}\n`;
  }

  #event(event: StreamEvent): string {
    switch (event.type) {
      case 'message-start':
        this.#client.notes.foreignExtensions(event.extensions, ID, '');
        return '';
      case 'block-start':
        this.#hasContent = true;
        return this.#blockStart(event.block, event.index);
      case 'text-delta':
        this.#answered = true;
        return this.#delta(event.text);
      case 'reasoning-delta':
        return this.#delta('', `,"thinking":${JSON.stringify(event.text)}`);
      case 'signature':
        if (saysSomething(event.state)) this.#drop(`content[${event.index}]`, STATE_LOST);
        return '';
      case 'tool-input-delta':
        this.#json += event.json;
        return '';
      case 'extension-delta':
        for (const reason of untoldIn({ [event.format]: { deltas: [event.value] } })) this.#untold.add(reason);
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
    this.#firstMs ??= this.#elapsedMs();
    this.#open = block;
    this.#json = '';
    if (block.type === 'opaque') this.#client.notes.opaqueBlock(block, `content[${index}]`);
    return '';
  }

  #blockEnd(index: number): string {
    const open = this.#open;
    const path = `content[${index}]`;
    this.#open = undefined;
    for (const reason of this.#untold) this.#drop(path, reason);
    this.#untold.clear();
    if (open?.type !== 'tool-call') return '';
    this.#client.notes.foreignExtensions(open.extensions, ID, path);
    const call = { id: this.#ids.claim(open.id), name: open.name, arguments: parseArguments(this.#json), path };
    if (call.arguments.broken !== true) return this.#call(call);
    this.#broken.push(call);
    return '';
  }

  #call({ id, name, arguments: { value, changed }, path }: Call): string {
    if (this.#generate) {
      this.#drop(path, PROMPT_CALL);
      return '';
    }
    if (changed !== undefined) this.#client.notes.add(`${path}.input`, 'approximated', changed);
    return this.#delta('', `,"tool_calls":[${JSON.stringify(wireCall(id, this.#calls++, name, value))}]`);
  }

  #end({ stopReason, rawStopReason, extensions }: Extract<StreamEvent, { type: 'message-end' }>): string {
    this.#ended = true;
    this.#client.notes.foreignExtensions(extensions, ID, '');
    noteStop(stopReason, this.#client.notes);
    noteParts(this.#usage, this.#client.notes);
    const reason = encodeStopReason(stopReason, this.#hasContent ? undefined : rawStopReason);
    let out = '';
    for (const call of this.#broken) {
      if (reason === 'length') this.#drop(call.path, CUT_CALL);
      else out += this.#call(call);
    }
    if (stopReason === 'refusal' && !this.#answered) out += this.#delta(REFUSAL);
    const totalMs = this.#elapsedMs();
    const metrics = encodeMetrics(this.#usage, { totalMs, firstMs: this.#firstMs ?? totalMs });
    const fields = JSON.stringify({ done: true, done_reason: reason, ...metrics, ...this.#receipt() }).slice(1);
    return `${out}${this.#line('')}${fields}\n`;
  }

  /** A line of its own would be one too many behind `done`: a member that clients do not know is passed over. */
  #receipt(): object {
    const notes = this.#client.receipt?.();
    return notes === undefined ? {} : { x_signalbox_receipt: notes };
  }

  /** Since the request came, or at least since its answer began. */
  #elapsedMs(): number {
    return this.#client.elapsedMs?.() ?? performance.now() - this.#madeAt;
  }

  #drop(path: string, reason: string): void {
    this.#client.notes.add(path, 'dropped', reason);
  }

  #delta(content: string, more = ''): string {
    return `${this.#line(content, more)}"done":false}\n`;
  }

  /** A line up to what follows its text. */
  #line(content: string, more = ''): string {
    const said = JSON.stringify(content);
    return this.#generate
      ? `${this.#head}${this.#time}","response":${said}${more},`
      : `${this.#head}${this.#time}","message":{"role":"assistant","content":${said}${more}},`;
  }
}

function now(): string {
  return new Date().toISOString();
}
