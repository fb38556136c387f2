import type { ServerResponse } from 'node:http';
import type { ExchangeState, RawBody, ServerConfig } from '@signalbox/core';
import { errors, SignalboxError, type StreamEncoder, type StreamEvent, type StreamRelay } from '@signalbox/kit';

import { endResponse } from './end-response.ts';
import { receiptComment, receiptHeader } from './receipt.ts';

type RawStream = RawBody & { readonly body: Exclude<RawBody['body'], Buffer> };

export type Limits = Pick<ServerConfig, 'keepAliveMs' | 'openStreamAfterMs' | 'clientStallMs'>;

/** Writes one stream to one client: a single write per batch, as slowly as the client reads, never silent for long. */
export class StreamWriter {
  readonly #exchange: ExchangeState;
  readonly #response: ServerResponse;
  readonly #limits: Limits;
  #encoder: StreamEncoder | undefined;
  #opened = false;
  #mayInterject: () => boolean = () => true;
  #relay: StreamRelay | undefined;
  #finished = false;
  #takesComments = false;
  #lastWriteAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(exchange: ExchangeState, response: ServerResponse, limits: Limits) {
    this.#exchange = exchange;
    this.#response = response;
    this.#limits = limits;
  }

  /** The response headers are out: from here on an error can only be an event. */
  get opened(): boolean {
    return this.#opened;
  }

  /**
   * Opens the stream without the provider when it is silent for too long, so that the client's own timers are fed. Not
   * before a route stands: until then the silence is ours, and may still end in a real HTTP error.
   */
  openAfterSilence(): void {
    this.#timer = setTimeout(() => {
      if (this.#exchange.plan === undefined) this.openAfterSilence();
      else this.#whileSilent(() => this.#openEarly());
    }, this.#limits.openStreamAfterMs);
  }

  #openEarly(): void {
    const start = this.#encode().open();
    const { id, clientFormat } = this.#exchange;
    this.open({ [clientFormat.requestIdHeader]: id, 'x-signalbox-id': id });
    this.#write(start);
  }

  /** Made when it is needed: it may decode the request, which a stream that passes through does not need. */
  #encode(): StreamEncoder {
    this.#encoder ??= this.#exchange.clientFormat.createStreamEncoder(this.#exchange);
    return this.#encoder;
  }

  /**
   * What is written from a timer has nobody to throw to. A request that cannot be decoded just gets no sign of life; a
   * fault in a format ends this exchange and not the process.
   */
  #whileSilent(write: () => void): void {
    try {
      write();
    } catch (error) {
      if (!SignalboxError.is(error)) this.#exchange.stop(SignalboxError.from(error));
    }
  }

  /** Sends the response headers, once. Without the `contentType` of a provider the stream is this format's own. */
  open(headers: Record<string, string>, contentType?: string): void {
    if (this.#opened) return;
    const passesThrough = contentType !== undefined;
    headers['content-type'] = contentType ?? this.#encode().contentType;
    this.#takesComments =
      headers['content-type'].startsWith('text/event-stream') &&
      this.#exchange.clientFormat.commentsBreakStreams !== true;
    clearTimeout(this.#timer);
    this.#opened = true;
    this.#exchange.status = 200;
    headers['cache-control'] = 'no-cache';
    headers['x-accel-buffering'] = 'no';
    // Nothing is put into a frame that passes through, nor can anything be lost any more.
    if (passesThrough && this.#exchange.wantsReceipt && !this.#takesComments) {
      headers['x-signalbox-receipt'] = receiptHeader(this.#exchange.allNotes);
    }
    this.#response.writeHead(200, headers);
    this.#watchSilence();
  }

  async translate(batches: AsyncIterable<readonly StreamEvent[]> | Iterable<readonly StreamEvent[]>): Promise<void> {
    const encoder = this.#encode();
    for await (const events of batches) {
      if (this.#response.destroyed) return;
      let finished = false;
      for (const event of events) {
        if (event.type === 'message-end') finished = true;
        else if (event.type === 'error') {
          this.#write(encoder.encode(events.slice(0, events.indexOf(event))));
          throw SignalboxError.fromInfo(event.error);
        }
      }
      const text = encoder.encode(events);
      if (finished) {
        this.#exchange.complete = true;
        this.#end(text);
        return;
      }
      if (text !== '' && !this.#write(text)) await this.#drained();
    }
    throw errors.cutStream('The reply ended before it was finished.');
  }

  async relay(raw: RawStream, headers: Record<string, string>): Promise<void> {
    this.open(headers, raw.headers['content-type'] ?? 'text/event-stream; charset=utf-8');
    this.#mayInterject = raw.betweenFrames;
    this.#relay = raw.relay;
    for await (const parts of raw.body) {
      if (this.#response.destroyed) return;
      const only = parts.length === 1 ? parts[0] : undefined;
      const data = only ?? Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
      if (!this.#write(data)) await this.#drained();
    }
    this.#end('');
  }

  /** Ends the stream with an error in the client's format, and without any mark of success. */
  fail(error: SignalboxError): void {
    if (this.#finished || this.#response.destroyed) return;
    try {
      const text = this.#encode().fail(error, this.#relay);
      // Half a frame of the provider's may be out, which no client may take for content, nor the error for a part of it.
      const { halfFrameEnd = '\n' } = this.#exchange.clientFormat;
      this.#end(this.#mayInterject() ? text : halfFrameEnd + text);
    } catch {
      // A request that cannot be decoded has no error event; a broken connection is no success either.
      this.#response.destroy();
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #end(text: string): void {
    this.#finished = true;
    this.stop();
    const last = text + this.#receipt();
    this.#exchange.bytesOut += last.length;
    this.#exchange.firstByteMs ??= this.#exchange.elapsedMs();
    endResponse(this.#response, last, this.#limits.clientStallMs);
  }

  /** A stream that takes no comments has it in its last frame, if its format can. */
  #receipt(): string {
    const { wantsReceipt, allNotes } = this.#exchange;
    return wantsReceipt && this.#takesComments ? receiptComment(allNotes) : '';
  }

  #write(data: string | Uint8Array): boolean {
    if (data.length === 0) return true;
    this.#lastWriteAt = performance.now();
    this.#exchange.bytesOut += data.length;
    this.#exchange.firstByteMs ??= this.#exchange.elapsedMs();
    return this.#response.write(data);
  }

  #drained(): Promise<void> {
    const response = this.#response;
    if (response.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      // Whoever does not read for so long is gone, and holds the provider's call for nothing.
      const gone = setTimeout(() => response.destroy(), this.#limits.clientStallMs);
      const done = (): void => {
        clearTimeout(gone);
        response.off('drain', done);
        response.off('close', done);
        resolve();
      };
      response.on('drain', done);
      response.on('close', done);
    });
  }

  /** One timer a stream, set anew only when it fires: a write costs one assignment. */
  #watchSilence(): void {
    const { keepAliveMs } = this.#limits;
    this.#lastWriteAt = performance.now();
    const check = (): void => {
      const silentMs = performance.now() - this.#lastWriteAt;
      if (silentMs >= keepAliveMs && !this.#response.destroyed && !this.#response.writableNeedDrain) {
        if (this.#mayInterject()) this.#whileSilent(() => this.#write(this.#encode().keepAlive()));
        this.#lastWriteAt = performance.now();
      }
      this.#timer = setTimeout(check, Math.max(1, keepAliveMs - (performance.now() - this.#lastWriteAt)));
    };
    this.#timer = setTimeout(check, keepAliveMs);
  }
}
