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

function eventMessage(name: string, body: Buffer): Buffer {
  const headers = Buffer.concat(
    Object.entries({ ':event-type': name, ':message-type': 'event' }).map(([key, value]) =>
      Buffer.concat([
        Buffer.from([key.length]),
        Buffer.from(key),
        Buffer.from([TEXT_HEADER, 0, value.length]),
        Buffer.from(value),
      ]),
    ),
  );
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(12 + headers.length + body.length + 4, 0);
  prelude.writeUInt32BE(headers.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const message = Buffer.concat([prelude, headers, body, Buffer.alloc(4)]);
  message.writeUInt32BE(crc32(message.subarray(0, -4)), message.length - 4);
  return message;
}
