import { describe, expect, it } from '@jest/globals';
import { errors, type JsonObject } from '@signalbox/kit';
import { fixture, frames, framesOf, testClient } from '../test/context.ts';
import { openaiResponses } from './format.ts';

const NAMES = ['reasoning-tools.gpt-5.6', 'web-search.gpt-5.5', 'raw-reasoning.gpt-oss'];

function relay(chunks: readonly Uint8Array[], echoModel?: string) {
  const stream = openaiResponses.createStreamRelay({ echoModel });
  const out = chunks.map((bytes) => Buffer.from(stream.push(bytes)));
  out.push(Buffer.from(stream.end()));
  return { stream, bytes: Buffer.concat(out) };
}

describe('the stream relay', () => {
  it.each(NAMES)('F13 changes nothing of %s but the response’s model, wherever it is cut', (name) => {
    const bytes = fixture(`${name}.stream.sse`);
    const model = /"model":"(gpt-[^"]*)"/.exec(bytes.toString())?.[1] ?? '';
    const echoed = Buffer.from(bytes.toString().replaceAll(`"model":"${model}"`, '"model":"claude-ü"'));
    expect(echoed.equals(bytes)).toBe(false);
    for (let at = 0; at <= bytes.length; at += 7) {
      const parts = [bytes.subarray(0, at), bytes.subarray(at)];
      expect(relay(parts, 'claude-ü').bytes.equals(echoed)).toBe(true);
      expect(relay(parts).bytes.equals(bytes)).toBe(true);
    }
  });

  it('hands on the very chunk where the model stays', () => {
    const bytes = fixture('web-search.gpt-5.5.stream.sse');
    expect(openaiResponses.createStreamRelay({ echoModel: undefined }).push(bytes)).toBe(bytes);
  });

  it('F22 commits at the first content, not at the start of a response or of an item', () => {
    const stream = openaiResponses.createStreamRelay({ echoModel: undefined });
    stream.push(frames({ type: 'response.created', response: {} }, { type: 'response.in_progress', response: {} }));
    stream.push(frames({ type: 'response.output_item.added', output_index: 0, item: { type: 'message' } }));
    expect(stream.committed).toBe(false);
    stream.push(frames({ type: 'response.output_text.delta', output_index: 0, delta: 'a' }));
    expect(stream).toMatchObject({ committed: true, finished: false, error: undefined });
  });

  it('F15 F18 knows an error that all clients act on from one that some pass over', () => {
    const error = { type: 'error', code: 'server_error', message: 'x' };
    expect(relay([frames(error)]).stream).toMatchObject({ error: { code: 'PROVIDER_FAILED' }, errorShown: false });
    const failed = {
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'x' } },
    };
    expect(relay([frames(failed)]).stream).toMatchObject({ error: { code: 'RATE_LIMITED' }, errorShown: true });
    expect(relay([frames('{"type":"response.output_text.delta"')]).stream.error?.code).toBe('MALFORMED_REPLY');
    expect(relay([frames('[]')]).stream.error?.code).toBe('MALFORMED_REPLY');
  });

  it('F07 F22 commits neither on a broken frame nor on a response that says nothing, so that another target may answer', () => {
    const broken = relay([frames('{"type":"response.output_text.delta","ind')]).stream;
    expect(broken).toMatchObject({ committed: false, error: { code: 'MALFORMED_REPLY' } });
    const completed = (output: JsonObject[]) =>
      relay([frames({ type: 'response.completed', response: { status: 'completed', output } })]).stream;
    expect(completed([])).toMatchObject({ committed: false, finished: false, error: { code: 'EMPTY_REPLY' } });
    const message = { type: 'message', content: [{ type: 'output_text', text: 'Only here.' }] };
    expect(completed([message])).toMatchObject({ committed: true, finished: true, error: undefined });
  });

  it('takes a failure under another name for one that has not been shown', () => {
    const response = { status: 'failed', error: { code: 'server_error', message: 'x' } };
    const { stream } = relay([frames({ type: 'response.completed', response })]);
    expect(stream).toMatchObject({ finished: false, error: { code: 'PROVIDER_FAILED' }, errorShown: false });
  });

  it('leaves what else is called a model alone', () => {
    const created = {
      type: 'response.created',
      response: { metadata: { model: 'mine' }, tools: [{ model: 'other' }], instructions: '"model":"m"', model: 'm' },
    };
    const delta = { type: 'response.output_text.delta', output_index: 0, delta: '"model":"m"', model: 'm' };
    const bytes = frames(created, delta);
    const expected = bytes.toString().replace('"model":"m"}}', '"model":"asked"}}');
    expect(relay([bytes], 'asked').bytes.toString()).toBe(expected);
  });

  it('F21 does not call a cut finished', () => {
    const bytes = fixture('web-search.gpt-5.5.stream.sse');
    const end = bytes.indexOf('event: response.completed');
    expect(relay([bytes.subarray(0, end)]).stream).toMatchObject({
      committed: true,
      finished: false,
      error: undefined,
    });
  });

  describe('behind which the gateway has something to say', () => {
    const begun = {
      type: 'response.created',
      sequence_number: 0,
      response: { id: 'resp_theirs', status: 'in_progress' },
    };
    const delta = {
      type: 'response.output_text.delta',
      output_index: 0,
      delta: '"sequence_number":9',
      sequence_number: 7,
    };
    const failureBehind = (...chunks: Uint8Array[]) => {
      const { stream } = relay(chunks);
      return framesOf(openaiResponses.createStreamEncoder(testClient()).fail(errors.cutStream('Cut.'), stream));
    };

    it('F21 goes on counting, and fails the provider’s own response', () => {
      expect(failureBehind(frames(begun, delta))).toMatchObject([
        { type: 'error', sequence_number: 8 },
        { type: 'response.failed', sequence_number: 9, response: { id: 'resp_theirs', status: 'failed' } },
      ]);
    });

    it('F21 counts a last frame without its end where a client can read it, and no half of one', () => {
      const last = Buffer.from(`data: ${JSON.stringify({ ...delta, sequence_number: 8 })}`);
      expect(failureBehind(frames(begun, delta), last)).toMatchObject([
        { sequence_number: 9 },
        { sequence_number: 10 },
      ]);
      const half = last.subarray(0, -1);
      expect(failureBehind(frames(begun, delta), half)).toMatchObject([{ sequence_number: 8 }, { sequence_number: 9 }]);
    });

    it('counts an error of the provider’s that not all clients act on, and no mark of an end', () => {
      const error = { type: 'error', sequence_number: 8, code: 'server_error', message: 'x' };
      expect(failureBehind(frames(begun, delta, error))).toMatchObject([
        { sequence_number: 9 },
        { sequence_number: 10 },
      ]);
      expect(failureBehind(frames(begun, delta, '[DONE]'))).toMatchObject([
        { sequence_number: 8 },
        { sequence_number: 9 },
      ]);
    });

    it('starts anew where the provider does not count', () => {
      const { sequence_number: _, ...uncounted } = delta;
      const failed = failureBehind(frames(uncounted));
      expect(failed).toMatchObject([{ sequence_number: 0 }, { sequence_number: 1 }]);
      expect(failed[1]).not.toMatchObject({ response: { id: 'resp_theirs' } });
    });
  });

  it('takes no text for an event', () => {
    const text = '{"type":"response.completed","response":{}} "type":"error"';
    const stream = relay([frames({ type: 'response.output_text.delta', output_index: 0, delta: text })]).stream;
    expect(stream).toMatchObject({ committed: true, finished: false, error: undefined });
  });
});
