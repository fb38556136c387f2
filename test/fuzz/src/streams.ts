import { crc32 } from 'node:zlib';
import type { JsonObject } from '@signalbox/kit';
import type { Frames } from './mutate-frames.ts';

/** Server-sent events with their names. */
export function serverSentEvents(text: string): Frames {
  const events = text
    .split(/\r?\n\r?\n/)
    .map((frame) => frame.split(/\r?\n/))
    .map((fields) => ({ name: fieldOf(fields, 'event:'), data: fieldOf(fields, 'data:') ?? '' }))
    .filter(({ data }) => data !== '');
  return {
    data: events.map(({ data }) => data),
    print: (data, index) => {
      const name = events[index]?.name;
      return Buffer.from(`${name === undefined ? '' : `event: ${name}\n`}data: ${data}\n\n`);
    },
  };
}

function fieldOf(fields: readonly string[], name: string): string | undefined {
  const values = fields.filter((field) => field.startsWith(name)).map((field) => field.slice(name.length).trimStart());
  return values.length === 0 ? undefined : values.join('\n');
}

/** Lines of JSON. */
export function lines(text: string): Frames {
  return { data: text.split('\n').filter((line) => line !== ''), print: (data) => Buffer.from(`${data}\n`) };
}

/** Messages of AWS's event stream. */
export function eventStream(events: readonly (readonly [name: string, payload: JsonObject])[]): Frames {
  return {
    data: events.map(([, payload]) => JSON.stringify(payload)),
    print: (data, index) => eventMessage(events[index]?.[0] ?? '', Buffer.from(data)),
  };
}

const TEXT_HEADER = 7;
const PRELUDE_BYTES = 12;
const CRC_BYTES = 4;

function eventMessage(name: string, body: Buffer): Buffer {
  return message([textHeader(':event-type', name), textHeader(':message-type', 'event')], body);
}

/** A header of a message; `type`: of its value, as the protocol numbers them. */
export function header(name: string, type: number, value: Buffer): Buffer {
  const key = Buffer.from(name).subarray(0, 255);
  return Buffer.concat([Buffer.from([key.length]), key, Buffer.from([type]), value]);
}

export function textHeader(name: string, text: string): Buffer {
  const value = Buffer.from(text);
  return header(name, TEXT_HEADER, Buffer.concat([Buffer.from([value.length >> 8, value.length & 255]), value]));
}

/** `lies`: what is added to the lengths that it says, by checksums that hold all the same. */
export function message(
  headers: readonly Buffer[],
  body: Buffer,
  lies: { readonly whole?: number; readonly headers?: number } = {},
): Buffer {
  const all = Buffer.concat(headers);
  const prelude = Buffer.alloc(PRELUDE_BYTES);
  prelude.writeUInt32BE((PRELUDE_BYTES + all.length + body.length + CRC_BYTES + (lies.whole ?? 0)) >>> 0, 0);
  prelude.writeUInt32BE((all.length + (lies.headers ?? 0)) >>> 0, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const bytes = Buffer.concat([prelude, all, body, Buffer.alloc(CRC_BYTES)]);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -CRC_BYTES)), bytes.length - CRC_BYTES);
  return bytes;
}
