import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chunk, fixture, frames } from '../test/context.ts';
import { openaiChat } from './format.ts';

const names = ['parallel-interleaved.openai', 'thinking-tools.deepseek', 'thinking-tools.openrouter', 'thinking.groq'];

function relay(chunks: readonly Uint8Array[], echoModel?: string) {
  const stream = openaiChat.createStreamRelay({ echoModel });
  const out = chunks.map((bytes) => Buffer.from(stream.push(bytes)));
  out.push(Buffer.from(stream.end()));
  return { stream, bytes: Buffer.concat(out) };
}

function seen({ committed, finished, error, usage }: ReturnType<typeof relay>['stream']) {
  return { committed, finished, error: error?.info(), usage };
}

describe('the stream relay', () => {
  it('gives back the same chunk object when the model stays', () => {
    const bytes = fixture('thinking-tools.deepseek.stream.sse');
    const stream = openaiChat.createStreamRelay({ echoModel: undefined });
    expect(stream.push(bytes)).toBe(bytes);
    expect(stream.end()).toHaveLength(0);
  });

  it.each(names)('sees the same in %s wherever it is cut, and changes nothing but the model', (name) => {
    const bytes = fixture(`${name}.stream.sse`);
    const expected = seen(relay([bytes]).stream);
    expect(expected).toMatchObject({ committed: true, finished: true, error: undefined });
    expect(expected.usage?.promptTokens).toBeGreaterThan(0);
    const echoed = Buffer.from(bytes.toString().replaceAll(/"model":"[^"]*"/g, '"model":"claude-ü"'));
    for (let at = 0; at <= bytes.length; at++) {
      const parts = [bytes.subarray(0, at), bytes.subarray(at)];
      expect(seen(relay(parts).stream)).toEqual(expected);
      expect(relay(parts, 'claude-ü').bytes.equals(echoed)).toBe(true);
    }
    const single = relay(
      Array.from(bytes, (byte) => Uint8Array.of(byte)),
      'claude-ü',
    );
    expect(seen(single.stream)).toEqual(expected);
    expect(single.bytes.equals(echoed)).toBe(true);
  });

  it('commits at the first content, not at the role, comments or empty deltas', () => {
    const stream = openaiChat.createStreamRelay({ echoModel: undefined });
    stream.push(Buffer.from(': OPENROUTER PROCESSING\n\n'));
    stream.push(frames(chunk({ role: 'assistant', content: '', refusal: null, tool_calls: [] })));
    expect(seen(stream)).toMatchObject({ committed: false, finished: false });
    stream.push(frames(chunk({ reasoning_content: 'h' })));
    expect(seen(stream)).toMatchObject({ committed: true, finished: false });
  });

  it('F15 F21 reports error frames and malformed ones, and does not call a cut finished', () => {
    const failed = relay([fixture('error-mid-stream.openrouter.stream.sse')]).stream;
    expect(failed).toMatchObject({ committed: true, error: { code: 'PROVIDER_OVERLOADED' } });
    expect(relay([frames(chunk({ content: 'a' }), '{"choices":[{')]).stream.error?.code).toBe('MALFORMED_REPLY');
    expect(relay([frames(chunk({ content: 'a' }))]).stream).toMatchObject({ finished: false, error: undefined });
  });

  it('is not misled by what a text quotes', () => {
    const quoted = '"error":{"message":"x"} "usage":{"prompt_tokens":1} "finish_reason":"stop" "model":"other"';
    const { stream, bytes } = relay([frames(chunk({ content: 'a' }), chunk({ content: quoted }))], 'mine');
    expect(seen(stream)).toEqual({ committed: true, finished: false, error: undefined, usage: undefined });
    expect(bytes.toString()).toContain(JSON.stringify(quoted).slice(1, -1));
  });

  it('knows when it stands between frames', () => {
    const bytes = Buffer.from('data: {"choices":[]}\r\n\r\ndata: [DONE]\n\n');
    const stream = openaiChat.createStreamRelay({ echoModel: undefined });
    expect(stream.betweenFrames).toBe(true);
    const between = Array.from(bytes, (byte, at) => {
      stream.push(Uint8Array.of(byte));
      return stream.betweenFrames ? at : -1;
    });
    const first = bytes.indexOf('\r\n\r\n') + 3;
    expect(between.filter((at) => at !== -1)).toEqual([first, bytes.length - 1]);
  });

  it('takes any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 }), (chunks) => {
        expect(relay(chunks).bytes).toEqual(Buffer.concat(chunks));
      }),
    );
  });
});
