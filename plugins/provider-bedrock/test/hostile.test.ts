import { crc32 } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { ChatRequest, JsonValue, StreamEvent } from '@signalbox/kit';
import { converseFormat } from '../src/format.ts';
import { testTarget } from './context.ts';
import { frame, TURN } from './event-stream.ts';

const format = converseFormat({ baseModels: {}, extraBody: {} });
const WORDS = ['constructor', 'toString', '__proto__', 'hasOwnProperty'];
/** `String` and `Number` throw at it. */
const UNPRINTABLE: JsonValue = { toString: 1, valueOf: null };
const REQUEST: ChatRequest = { model: 'm', stream: false, system: [], messages: [], tools: [] };

function decode(...chunks: readonly Uint8Array[]): StreamEvent[] {
  const decoder = format.createStreamDecoder(testTarget());
  const events = chunks.flatMap((chunk) => [...decoder.push(chunk)]);
  return [...events, ...decoder.end()];
}

describe('words that every object knows', () => {
  it.each(WORDS)('%s is an ordinary end', (stopReason) => {
    const output = { message: { role: 'assistant', content: [{ text: 'hi' }] } };
    expect(format.decodeReply({ output, stopReason }, testTarget()).stopReason).toBe('max-tokens');
  });

  it.each(WORDS)('%s is no type of an image or a document', (mediaType) => {
    const source = { type: 'base64', mediaType, data: 'AAAA' } as const;
    const content = [{ type: 'image', source } as const, { type: 'document', source } as const];
    const sent = format.encodeRequest({ ...REQUEST, messages: [{ role: 'user', content }] }, testTarget());
    expect(JSON.stringify(sent)).toContain('An image was here');
    expect(JSON.stringify(sent)).toContain('was here, which this model cannot read');
  });
});

describe('what cannot be printed as text', () => {
  it('is the place of a block', () => {
    const events = decode(frame('contentBlockDelta', { contentBlockIndex: UNPRINTABLE, delta: { text: 'hi' } }));
    expect(events.at(-1)).toMatchObject({ type: 'error', error: { code: 'CUT_STREAM' } });
  });

  it('is the type of a block or a tool', () => {
    const value = { type: UNPRINTABLE };
    const content = [{ type: 'opaque', format: 'x', value }] as const;
    const tools = [{ type: 'opaque', format: 'x', value }] as const;
    const sent = format.encodeRequest({ ...REQUEST, messages: [{ role: 'user', content }], tools }, testTarget());
    expect(sent).toMatchObject({ messages: expect.anything() });
  });
});

describe('what comes behind the end', () => {
  it('changes nothing, however it is cut', () => {
    const bytes = Buffer.concat([...TURN, Buffer.from('this is no message at all')]);
    expect(decode(bytes).at(-1)?.type).toBe('message-end');
    expect(decode(...Array.from(bytes, (_byte, at) => bytes.subarray(at, at + 1))).at(-1)?.type).toBe('message-end');
  });
});

/** An exception whose last header says that it is longer than it is, or whose headers do, by checksums that hold. */
function lying({ value = 0, headers = 0 }: { value?: number; headers?: number }): Buffer {
  const bytes = Buffer.from(frame('', {}, 'exception'));
  const end = 12 + bytes.readUInt32BE(4);
  bytes.writeUInt16BE('exception'.length + value, end - 'exception'.length - 2);
  bytes.writeUInt32BE(end - 12 + headers, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, -4)), bytes.length - 4);
  return bytes;
}

describe('a message that lies about its length', () => {
  it.each([{ value: 30 }, { value: 3 }, { value: -2 }, { headers: 30 }, { headers: 2 }, { headers: -1 }])(
    'shows nobody what stands beside it in memory: %j',
    (lies) => {
      const bytes = Buffer.concat([lying(lies), Buffer.from('what another caller said, or a key')]);
      const message = bytes.subarray(0, bytes.readUInt32BE(0));
      expect(decode(message).at(-1)).toMatchObject({
        error: { code: 'MALFORMED_REPLY', message: 'The provider sent a damaged event stream.' },
      });
    },
  );
});

describe('a large message', () => {
  it('is put together once, however small its pieces are', () => {
    const text = 'x'.repeat(2_000_000);
    const large = frame('contentBlockDelta', { contentBlockIndex: 0, delta: { text } });
    const bytes = Buffer.concat([large, ...TURN]);
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 50) chunks.push(bytes.subarray(at, at + 50));
    const began = process.cpuUsage();
    const events = decode(...chunks);
    expect(process.cpuUsage(began).user / 1_000).toBeLessThan(5_000);
    expect(events.find(({ type }) => type === 'text-delta')).toMatchObject({ text });
    expect(events.at(-1)?.type).toBe('message-end');
  }, 60_000);
});
