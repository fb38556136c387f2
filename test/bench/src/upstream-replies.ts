import type { WireFormat } from '@signalbox/testkit';
import { streamFrames, wholeBody } from './answers.ts';
import type { Script } from './scripts.ts';

/** An answer as bytes, framing included, ready to be written. */
export interface PreparedReply {
  /** Written one after the other; the first one has the response head. */
  readonly writes: readonly Buffer[];
  readonly intervalMs: number;
  /** Written at every interval once `writes` are out. */
  readonly forever: Buffer | undefined;
}

/** Everything the scripted provider will ever say, so that answering costs it nothing but the write. */
export function prepareReply(script: Script, format: WireFormat): PreparedReply {
  const { eventsPerWrite, intervalMs, endless = false } = script;
  if (eventsPerWrite === 0) {
    return { writes: [wholeAnswer(wholeBody(format))], intervalMs, forever: undefined };
  }
  const contentType = format === 'ollama' ? 'application/x-ndjson' : 'text/event-stream';
  const head = `HTTP/1.1 200 OK\r\ncontent-type: ${contentType}\r\ncache-control: no-cache\r\ntransfer-encoding: chunked\r\n\r\n`;
  const { opening, deltas, closing } = streamFrames(format);
  if (endless) {
    const first = Buffer.from(head + httpChunk(opening + (deltas[0] ?? '')));
    return { writes: [first], intervalMs, forever: Buffer.from(httpChunk(deltas[1] ?? '')) };
  }
  const writes: string[] = [];
  for (let at = 0; at < deltas.length; at += eventsPerWrite) {
    writes.push(httpChunk((at === 0 ? opening : '') + deltas.slice(at, at + eventsPerWrite).join('')));
  }
  writes[0] = head + writes[0];
  writes.push(`${httpChunk(closing)}0\r\n\r\n`);
  return { writes: writes.map((text) => Buffer.from(text)), intervalMs, forever: undefined };
}

/** A JSON body with the head in front of it. */
export function wholeAnswer(body: Buffer): Buffer {
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

function httpChunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}
