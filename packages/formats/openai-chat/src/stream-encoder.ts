import {
  type ClientContext,
  citationsIn,
  type Extensions,
  type JsonObject,
  logProbsIn,
  mergeUsage,
  newId,
  ReplyCallIds,
  SignalboxError,
  type StreamBlock,
  type StreamEncoder,
  type StreamEvent,
  type Usage,
  untoldReason,
  wireDelta,
} from '@signalbox/kit';
import { urlCitation } from './citations.ts';
import { type ClientWishes, clientWishes, customInput } from './client-wishes.ts';
import { ONE_CALL, REFUSAL } from './encode-reply.ts';
import { encodeErrorBody } from './errors.ts';
import { ID } from './fields.ts';
import { encodeDetails } from './reasoning-details.ts';
import { encodeExtras } from './reply-extras.ts';
import { encodeStopReason } from './stop-reason.ts';
import { encodeUsage } from './usage.ts';

export function createStreamEncoder(client: ClientContext): StreamEncoder {
  return new ChatStreamEncoder(client);
}

class ChatStreamEncoder implements StreamEncoder {
  readonly contentType = 'text/event-stream; charset=utf-8';
  readonly #client: ClientContext;
  readonly #wishes: ClientWishes;
  readonly #ids: ReplyCallIds;
  /** What stands at the start of each chunk. */
  readonly #envelope: string;
  /** Everything of a chunk before its `choices`, and what follows the choices. */
  #head: string;
  readonly #tail: string;
  /** What the last chunk's choice has beside the finish reason. */
  #choice: JsonObject = {};
  #extra: JsonObject = {};
  #opened = false;
  #ended = false;
  #open: StreamBlock | undefined;
  /** What the open block has said, where its end needs that: reasoning with a state, and custom tools. */
  #said = '';
  #calls = 0;
  #reasoningBlocks = 0;
  /** Of the whole answer so far, in UTF-16 code units, and where the open block begins in it. */
  #textLength = 0;
  #blockStartsAt = 0;
  /** Citations of the open block; where its text ends is known at its end. */
  #cited: { readonly format: string; readonly value: JsonObject }[] = [];
  #hasFunctionCall = false;
  #usage: Usage | undefined;

  constructor(client: ClientContext) {
    this.#client = client;
    this.#wishes = clientWishes(client);
    this.#ids = new ReplyCallIds(() => client.request, 'call_');
    const created = Math.floor(Date.now() / 1_000);
    this.#envelope = `data: {"id":"${newId('chatcmpl-')}","object":"chat.completion.chunk","created":${created},"model":${JSON.stringify(client.model)},`;
    this.#head = `${this.#envelope}"choices":[`;
    this.#tail = this.#wishes.includeUsage ? '],"usage":null}\n\n' : ']}\n\n';
  }

  open(): string {
    if (this.#opened) return '';
    this.#opened = true;
    return this.#delta('"role":"assistant","content":"","refusal":null');
  }

  encode(events: readonly StreamEvent[]): string {
    let out = '';
    for (const event of events) {
      if (this.#ended) break;
      out += this.#event(event);
    }
    return out;
  }

  keepAlive(): string {
    return ': keep-alive\n\n';
  }

  fail(error: SignalboxError): string {
    if (this.#ended) return '';
    this.#ended = true;
    return `data: ${JSON.stringify(encodeErrorBody(error))}\n\n`;
  }

  #event(event: StreamEvent): string {
    switch (event.type) {
      case 'message-start':
        this.#extend(event.extensions);
        return this.open();
      case 'block-start':
        return this.open() + this.#blockStart(event.block, event.index);
      case 'text-delta':
        this.#textLength += event.text.length;
        return this.#delta(`"content":${JSON.stringify(event.text)}`);
      case 'reasoning-delta':
        this.#said += event.text;
        return this.#delta(`"reasoning_content":${JSON.stringify(event.text)}`);
      case 'signature':
        return this.#signature(event.state);
      case 'tool-input-delta':
        return this.#toolInput(event.json);
      case 'extension-delta':
        return this.#beside(event);
      case 'block-end':
        return this.#annotations(event.index) + this.#blockEnd();
      case 'usage':
        this.#usage = mergeUsage(this.#usage, event.usage);
        return '';
      case 'message-end':
        return this.#end(event);
      case 'error':
        return this.fail(SignalboxError.fromInfo(event.error));
    }
  }

  #beside(event: Extract<StreamEvent, { type: 'extension-delta' }>): string {
    const logProbs = logProbsIn(event.value);
    if (logProbs !== undefined) return this.#delta('', JSON.stringify({ content: logProbs, refusal: null }));
    if (event.format === ID) return this.#delta(JSON.stringify(wireDelta(event.value)).slice(1, -1));
    this.#cited.push(event);
    return '';
  }

  #blockStart(block: StreamBlock, index: number): string {
    this.#open = block;
    this.#said = '';
    this.#blockStartsAt = this.#textLength;
    if (block.type === 'opaque') {
      this.#client.notes.opaqueBlock(block, `content[${index}]`);
      return '';
    }
    if (block.type === 'tool-call') this.#client.notes.foreignExtensions(block.extensions, ID, `content[${index}]`);
    if (block.type !== 'tool-call' || this.#wishes.customTools.has(block.name)) return '';
    const { id, name } = block;
    if (!this.#wishes.legacyFunctions) {
      return this.#call(
        `"id":${JSON.stringify(this.#ids.claim(id))},"type":"function","function":{"name":${JSON.stringify(name)},"arguments":""}`,
      );
    }
    if (this.#calls > 0) {
      this.#client.notes.add(`content[${index}]`, 'dropped', ONE_CALL);
      return '';
    }
    this.#hasFunctionCall = true;
    return this.#delta(`"function_call":{"name":${JSON.stringify(name)},"arguments":""}`);
  }

  #toolInput(json: string): string {
    const open = this.#open;
    if (json === '' || open?.type !== 'tool-call') return '';
    if (this.#wishes.customTools.has(open.name)) {
      this.#said += json;
      return '';
    }
    this.#said = json;
    return this.#arguments(json);
  }

  #arguments(json: string): string {
    const text = JSON.stringify(json);
    if (!this.#wishes.legacyFunctions) return this.#call(`"function":{"arguments":${text}}`);
    return this.#calls > 0 ? '' : this.#delta(`"function_call":{"arguments":${text}}`);
  }

  #signature(state: Parameters<typeof encodeDetails>[0]['state'] & object): string {
    const redacted = this.#open?.type === 'reasoning' && this.#open.redacted === true;
    const block = { type: 'reasoning', text: this.#said, state, redacted } as const;
    return this.#delta(`"reasoning_details":${JSON.stringify(encodeDetails(block, this.#reasoningBlocks))}`);
  }

  #blockEnd(): string {
    const open = this.#open;
    this.#open = undefined;
    if (open?.type === 'reasoning') this.#reasoningBlocks++;
    if (open?.type !== 'tool-call') return '';
    let out = '';
    if (this.#wishes.customTools.has(open.name)) {
      const custom = { name: open.name, input: customInput(this.#said) };
      out = this.#call(
        `"id":${JSON.stringify(this.#ids.claim(open.id))},"type":"custom","custom":${JSON.stringify(custom)}`,
      );
    } else if (this.#said === '') {
      // Clients parse what they put together, and an empty text does not parse.
      out = this.#arguments('{}');
    }
    this.#calls++;
    return out;
  }

  #extend(extensions: Extensions | undefined): void {
    if (extensions === undefined) return;
    this.#client.notes.foreignExtensions(extensions, ID, '');
    const { body, choice } = encodeExtras(extensions);
    this.#choice = { ...this.#choice, ...choice };
    this.#extra = { ...this.#extra, ...body };
    const fields = JSON.stringify(this.#extra).slice(1, -1);
    if (fields !== '') this.#head = `${this.#envelope}${fields},"choices":[`;
  }

  #annotations(index: number): string {
    if (this.#cited.length === 0) return '';
    const annotations: JsonObject[] = [];
    const untold = new Set<string>();
    for (const { format, value } of this.#cited) {
      const citations = citationsIn(value);
      if (citations === undefined) untold.add(untoldReason(format, value));
      for (const citation of citations ?? []) {
        annotations.push(urlCitation(citation, this.#blockStartsAt, this.#textLength));
      }
    }
    this.#cited = [];
    for (const reason of untold) this.#client.notes.add(`content[${index}]`, 'dropped', reason);
    return annotations.length === 0 ? '' : this.#delta(`"annotations":${JSON.stringify(annotations)}`);
  }

  #end({ stopReason, extensions }: Extract<StreamEvent, { type: 'message-end' }>): string {
    this.#ended = true;
    let out = this.open();
    this.#extend(extensions);
    if (stopReason === 'refusal' && this.#textLength === 0) out += this.#delta(`"refusal":${JSON.stringify(REFUSAL)}`);
    const word = this.#hasFunctionCall ? 'function_call' : encodeStopReason(stopReason, this.#client.notes);
    const choice = JSON.stringify({ ...this.#choice, index: 0, delta: {}, logprobs: null, finish_reason: word });
    out += `${this.#head}${choice}${this.#tail}`;
    if (this.#wishes.includeUsage) {
      const usage = encodeUsage(this.#usage);
      if (usage !== undefined) out += `${this.#head}],"usage":${JSON.stringify(usage)}}\n\n`;
    }
    return `${out}data: [DONE]\n\n`;
  }

  #call(fields: string): string {
    return this.#delta(`"tool_calls":[{"index":${this.#calls},${fields}}]`);
  }

  #delta(fields: string, logProbs = 'null'): string {
    return `${this.#head}{"index":0,"delta":{${fields}},"logprobs":${logProbs},"finish_reason":null}${this.#tail}`;
  }
}
