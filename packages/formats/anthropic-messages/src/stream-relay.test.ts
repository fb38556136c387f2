import { describe, expect, it } from '@jest/globals';
import type { JsonObject, StreamRelay } from '@signalbox/kit';
import fc from 'fast-check';
import { block, ending, START, STOP, sse } from '../test/support.ts';
import { anthropicMessages } from './index.ts';

const TEXT = block(0, { type: 'text', text: '' }, { type: 'text_delta', text: 'a "model": "m" \\n Grüße' });
const WHOLE = sse({ type: 'ping' }, START, ...TEXT, ending('end_turn', { input_tokens: 0, output_tokens: 9 }), STOP);

function relayed(chunks: readonly (string | Uint8Array)[], echoModel?: string): { text: string; relay: StreamRelay } {
  const relay = anthropicMessages.createStreamRelay({ echoModel });
  const out = chunks.map((chunk) => Buffer.from(relay.push(Buffer.from(chunk))));
  return { text: Buffer.concat([...out, Buffer.from(relay.end())]).toString(), relay };
}

const state = ({ committed, finished, error, usage }: StreamRelay) => ({
  committed,
  finished,
  error: error?.code,
  usage,
});
const DONE = { committed: true, finished: true, error: undefined, usage: { promptTokens: 3, completionTokens: 9 } };

describe('the stream relay', () => {
  it('passes the very chunks on', () => {
    const relay = anthropicMessages.createStreamRelay({ echoModel: undefined });
    const chunk = Buffer.from(WHOLE);
    expect(relay.push(chunk)).toBe(chunk);
    expect(state(relay)).toEqual(DONE);
  });

  it.each(['\n', '\r\n', '\r'])('F13 reads it whatever the cuts and the line ends: %j', (lineEnd) => {
    const bytes = Buffer.from(WHOLE.replaceAll('\n', lineEnd));
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { text, relay } = relayed([bytes.subarray(0, cut), bytes.subarray(cut)]);
      expect(text).toBe(bytes.toString());
      expect(state(relay)).toEqual(DONE);
    }
    const { text, relay } = relayed([...bytes].map((byte) => Uint8Array.of(byte)));
    expect([text, state(relay)]).toEqual([bytes.toString(), DONE]);
  });

  it('echoes the model that was asked for, wherever the stream is cut, and changes nothing else', () => {
    const bytes = Buffer.from(`\uFEFF: OPENROUTER PROCESSING\n\n${WHOLE}`);
    const expected = bytes.toString().replace('"model":"m"', '"model":"asked/it \\"x\\""');
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { text, relay } = relayed([bytes.subarray(0, cut), bytes.subarray(cut)], 'asked/it "x"');
      expect(text).toBe(expected);
      expect(state(relay)).toEqual(DONE);
    }
    expect(
      relayed(
        [...bytes].map((byte) => Uint8Array.of(byte)),
        'm',
      ).text,
    ).toBe(bytes.toString());
  });

  it.each([
    ['a second start', [START, ...TEXT, ending('end_turn'), START, STOP], 1],
    ['a start behind content', [...TEXT, START, ending('end_turn'), STOP], 0],
  ])('echoes the model in the first frame only, and says nothing twice: %s', (_, events, echoes) => {
    const bytes = Buffer.from(sse(...(events as JsonObject[])));
    const expected = echoes === 1 ? bytes.toString().replace('"model":"m"', '"model":"asked"') : bytes.toString();
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { text } = relayed([bytes.subarray(0, cut), bytes.subarray(cut)], 'asked');
      expect(text).toBe(expected);
    }
  });

  it('holds nothing back once the model has gone by', () => {
    const relay = anthropicMessages.createStreamRelay({ echoModel: 'asked' });
    expect(Buffer.from(relay.push(Buffer.from(sse(START)))).toString()).toContain('"model":"asked"');
    const chunk = Buffer.from('event: content_block_st');
    expect(relay.push(chunk)).toBe(chunk);
    expect(relay.betweenFrames).toBe(false);
    relay.push(Buffer.from('op\ndata: {}\n\n'));
    expect(relay.betweenFrames).toBe(true);
  });

  it.each([
    ['pings only', [{ type: 'ping' }], { committed: false, finished: false }],
    ['a start only', [START], { committed: false, finished: false }],
    ['content without an end', [START, ...TEXT], { committed: true, finished: false }],
    ['a stop reason without message_stop', [START, ...TEXT, ending('end_turn')], { committed: true, finished: true }],
    [
      'a refusal without content',
      [START, ending('refusal'), STOP],
      { committed: false, finished: true, error: undefined },
    ],
    ['no content at all', [START, ending('end_turn'), STOP], { finished: false, error: 'EMPTY_REPLY' }],
  ] as [string, JsonObject[], object][])('F21 tells the end after %s', (_, events, expected) => {
    expect(state(relayed([sse(...events)]).relay)).toMatchObject(expected);
  });

  it.each([
    ['a text', [{ type: 'text', text: '' }], { committed: false, begun: false }],
    [
      'a text with blanks',
      [
        { type: 'text', text: '' },
        { type: 'text_delta', text: ' \n' },
      ],
      { committed: false },
    ],
    [
      'a text with a word',
      [
        { type: 'text', text: '' },
        { type: 'text_delta', text: ' a' },
      ],
      { committed: true },
    ],
    ['a text that begins with one', [{ type: 'text', text: 'a' }], { committed: true }],
    ['a thought', [{ type: 'thinking', thinking: '', signature: '' }], { committed: false, begun: true }],
    [
      'a thought with its signature only',
      [
        { type: 'thinking', thinking: '' },
        { type: 'signature_delta', signature: 's' },
      ],
      { committed: true },
    ],
    ['a hidden thought', [{ type: 'redacted_thinking', data: 'd' }], { committed: true }],
    ['a call', [{ type: 'tool_use', id: 't', name: 'f', input: {} }], { committed: true }],
    ['a server tool', [{ type: 'server_tool_use', id: 't', name: 'web_search', input: {} }], { committed: true }],
  ] as [string, [JsonObject, ...JsonObject[]], object][])(
    'F22 has content or not with the start of %s',
    (_, [first, ...rest], expected) => {
      // Without the last frame, which ends the block.
      const events = block(0, first, ...rest).slice(0, -1);
      const named = sse({ type: 'ping' }, START, ...events);
      expect(relayed([named]).relay).toMatchObject(expected);
      expect(relayed([named.replace(/^event: .*\n/gm, '')]).relay).toMatchObject(expected);
      expect(relayed([named], 'asked').text).toBe(named.replace('"model":"m"', '"model":"asked"'));
    },
  );

  it.each(['end_turn', 'tool_use'])('F07 takes %s behind an empty block for a failure', (reason) => {
    const empty = block(0, { type: 'text', text: '' });
    expect(state(relayed([sse(START, ...empty, ending(reason), STOP)]).relay)).toMatchObject({
      finished: false,
      error: 'EMPTY_REPLY',
    });
  });

  it('is not finished by a stop reason while the stream goes on', () => {
    const relay = anthropicMessages.createStreamRelay({ echoModel: undefined });
    relay.push(Buffer.from(sse(START, ending('end_turn'))));
    expect(relay.finished).toBe(false);
  });

  it('F15 F18 sees error frames, named or not', () => {
    const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    expect(relayed([sse(START, error, STOP)]).relay).toMatchObject({
      finished: false,
      error: { code: 'PROVIDER_OVERLOADED' },
    });
    expect(relayed([`data: ${JSON.stringify(error)}\n\n`], 'asked').relay.error?.code).toBe('PROVIDER_OVERLOADED');
  });

  it.each([
    'event: message_delta\ndata: {"type":\n\n',
    'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":\n\n',
    'data: nonsense\n\n',
  ])('F22 calls %j malformed and passes it on all the same', (frame) => {
    const { text, relay } = relayed([sse(START) + frame + sse(STOP)]);
    expect(relay.error?.code).toBe('MALFORMED_REPLY');
    expect(relay.finished).toBe(false);
    expect(text).toContain(frame);
  });

  it('reads frames without event lines', () => {
    const bare = WHOLE.replace(/^event: .*\n/gm, '');
    expect(state(relayed([bare]).relay)).toEqual(DONE);
  });

  it('takes a long frame in small pieces without going slow', () => {
    const long = block(0, { type: 'text', text: '' }, { type: 'text_delta', text: 'x'.repeat(2_000_000) });
    const bytes = Buffer.from(sse(START, ...long, ending('end_turn'), STOP));
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < bytes.length; at += 100) pieces.push(bytes.subarray(at, at + 100));
    const started = process.cpuUsage();
    expect(relayed(pieces).relay.finished).toBe(true);
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(2_000);
  });

  it('never throws and never loses a byte, whatever comes', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom('\n\n', '\r\n', 'data:', 'event: error\n', '{}', sse(START), sse(STOP)),
    );
    fc.assert(
      fc.property(fc.array(piece), fc.boolean(), (pieces, echo) => {
        const { text } = relayed(pieces, echo ? 'm' : undefined);
        expect(text).toBe(pieces.map((value) => Buffer.from(value).toString()).join(''));
      }),
    );
  });
});
