import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { delta, done, lines } from '../test/context.ts';
import { ollama } from './index.ts';

const relayOf = (bytes: Buffer, echoModel?: string) => {
  const relay = ollama.createStreamRelay({ echoModel });
  const out = Buffer.concat([Buffer.from(relay.push(bytes)), Buffer.from(relay.end())]);
  return { relay, out: out.toString() };
};

describe('a stream that passes through', () => {
  it('is committed by content, not by empty deltas', () => {
    expect(relayOf(lines(delta({}))).relay.committed).toBe(false);
    expect(relayOf(lines(delta({ thinking: 'a' }))).relay.committed).toBe(true);
    expect(relayOf(lines(delta({ tool_calls: [{ function: { name: 'n' } }] }))).relay.committed).toBe(true);
  });

  it('F07 F15 fails without content, so that another target may answer', () => {
    expect(relayOf(lines(delta({}), done())).relay).toMatchObject({
      committed: false,
      finished: false,
      error: { code: 'EMPTY_REPLY' },
    });
    expect(relayOf(lines({ error: 'broken' })).relay).toMatchObject({ committed: false, errorShown: true });
  });

  it('F17 shows an error of its own once, and knows its counts', () => {
    const { relay } = relayOf(lines(delta({ content: 'a' }), { error: 'broken', status: 500 }));
    expect(relay).toMatchObject({ finished: false, errorShown: true, error: { code: 'PROVIDER_FAILED' } });
    const finished = relayOf(lines(delta({ content: '"done":true' }), done({ eval_count: 3 }))).relay;
    expect(finished).toMatchObject({ finished: true, usage: { completionTokens: 3 } });
  });

  it('finds a line that breaks off before its end', () => {
    const half = '{"model":"m","message":{"role":"assi';
    const { relay } = relayOf(lines(delta({ content: 'a' }), half, done()));
    expect(relay).toMatchObject({ finished: false, error: { code: 'MALFORMED_REPLY' } });
    // At the very end it says only that the provider broke off.
    const cut = relayOf(Buffer.concat([lines(delta({ content: 'a' })), Buffer.from(half)])).relay;
    expect(cut).toMatchObject({ finished: false, error: undefined, betweenFrames: false });
  });

  it('finds no end in arguments that look like one', () => {
    const { relay } = relayOf(
      lines(
        delta({ content: 'a' }),
        delta({ tool_calls: [{ function: { name: 'n', arguments: { done: true, error: 'x' } } }] }),
      ),
    );
    expect(relay).toMatchObject({ finished: false, error: undefined });
  });

  it('has the name that was asked for on every line, and nowhere else', () => {
    const sent = lines(
      delta({ content: 'the "model":"m" stays' }),
      delta({ tool_calls: [{ function: { name: 'n', arguments: { model: 'm' } } }] }),
      done(),
    );
    const { out } = relayOf(sent, 'asked/für');
    const models = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(models.map(({ model }) => model)).toEqual(['asked/für', 'asked/für', 'asked/für']);
    expect(models[1].message.tool_calls[0].function.arguments).toEqual({ model: 'm' });
    expect(models[0].message.content).toBe('the "model":"m" stays');
  });

  describe('F21 whose end is none', () => {
    const half = delta({ content: 'Half' });
    const bad: [string, JsonObject][] = [
      ['has no reason', delta({}, { done: true })],
      ['has an empty reason', done({ done_reason: '' })],
      ['unloads the model in the middle', done({ done_reason: 'unload' })],
      ['loads a model in the middle', done({ done_reason: 'load' })],
    ];
    const whole = (end: JsonObject) => [lines(half, end), lines(half, end).subarray(0, -1), lines(half, end, done())];

    it.each(bad)('does not let it out, because clients go by `done` alone: it %s', (_name, end) => {
      for (const bytes of whole(end)) {
        for (const size of [1, 7, bytes.length]) {
          for (const echo of [undefined, 'asked']) {
            const relay = ollama.createStreamRelay({ echoModel: echo });
            let out = '';
            for (let at = 0; at < bytes.length; at += size) {
              out += Buffer.from(relay.push(bytes.subarray(at, at + size))).toString();
            }
            out += Buffer.from(relay.end()).toString();
            expect(out).toBe(lines({ ...half, model: echo ?? 'm' }).toString());
            expect(relay).toMatchObject({
              finished: false,
              errorShown: false,
              betweenFrames: true,
              error: { code: 'CUT_STREAM' },
            });
          }
        }
      }
    });

    it('lets out an end after it was loaded for nothing', () => {
      const { relay, out } = relayOf(lines(done({ done_reason: 'load' })));
      expect(relay).toMatchObject({ finished: true, error: undefined });
      expect(out).toContain('"done":true');
    });
  });
});
