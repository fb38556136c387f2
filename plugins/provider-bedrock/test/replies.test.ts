import { describe, expect, it } from '@jest/globals';
import { collectMessage, type JsonObject, type StreamEvent } from '@signalbox/kit';
import { checkGrammar } from '@signalbox/testkit';
import { converseFormat } from '../src/format.ts';
import { testTarget } from './context.ts';
import { frame, stream, TURN, WHOLE } from './event-stream.ts';
import { eventsBySdk, readBySdk } from './sdk.ts';

const format = converseFormat({ baseModels: {}, extraBody: {} });
const EXPECTED = {
  content: [
    { type: 'reasoning', text: 'Two look-ups.', state: { origin: 'bedrock', data: 'U0lH' } },
    { type: 'text', text: 'Checking both 😀.' },
    { type: 'tool-call', id: 'tooluse_a', name: 'weather', input: { city: 'Oslo' } },
    { type: 'tool-call', id: 'tooluse_b', name: 'weather', input: { city: 'Zürich' } },
  ],
  stopReason: 'tool-call',
  rawStopReason: 'tool_use',
  // What a cache served or took in comes on top of `inputTokens`.
  usage: { promptTokens: 120, completionTokens: 70, cacheReadTokens: 30, cacheWriteTokens: 10, cacheWrite1hTokens: 6 },
};

function decode(...chunks: Uint8Array[]): StreamEvent[] {
  const decoder = format.createStreamDecoder(testTarget());
  const events = chunks.flatMap((chunk) => [...decoder.push(chunk)]);
  return [...events, ...decoder.end()];
}
const errorIn = (events: readonly StreamEvent[]) => {
  const last = events.at(-1);
  return last?.type === 'error' ? last.error.code : last?.type;
};

describe('a whole reply', () => {
  it('F31 F75 comes in order, with the signature and all counts', async () => {
    expect(format.decodeReply(WHOLE, testTarget())).toEqual(EXPECTED);
    expect(await readBySdk(WHOLE)).toMatchObject(WHOLE);
  });

  it.each([
    ['end_turn', [{ text: 'x' }], 'end-turn'],
    ['end_turn', [{ toolUse: { toolUseId: 'a', name: 'f', input: {} } }], 'tool-call'],
    ['tool_use', [{ text: 'x' }], 'end-turn'],
    ['max_tokens', [{ text: 'x' }], 'max-tokens'],
    ['guardrail_intervened', [{ text: 'Blocked.' }], 'refusal'],
    ['content_filtered', [], 'refusal'],
    ['model_context_window_exceeded', [{ text: 'x' }], 'context-window-exceeded'],
    ['something_new', [{ text: 'x' }], 'max-tokens'],
    ['end_turn', [], 'EMPTY_REPLY'],
    ['malformed_tool_use', [{ text: 'x' }], 'PROVIDER_FAILED'],
    ['end_turn', undefined, 'MALFORMED_REPLY'],
  ])('F09 that ends with %s and %j', (stopReason, content, expected) => {
    const body = { output: { message: { role: 'assistant', content } }, stopReason } as JsonObject;
    let said: string;
    try {
      said = format.decodeReply(body, testTarget()).stopReason;
    } catch (error) {
      said = (error as { code: string }).code;
    }
    expect(said).toBe(expected);
  });

  it('says which stop sequence it was, keeps cited text, and notes what is lost', () => {
    const target = testTarget();
    const content = [{ citationsContent: { content: [{ text: 'Cited.' }], citations: [{}] } }, { video: {} }];
    const body = {
      output: { message: { content } },
      stopReason: 'stop_sequence',
      additionalModelResponseFields: { stop_sequence: 'END' },
    } as JsonObject;
    expect(format.decodeReply(body, target)).toMatchObject({
      content: [{ type: 'text', text: 'Cited.' }],
      stopReason: 'stop-sequence',
      stopSequence: 'END',
    });
    expect(target.notes.list).toHaveLength(2);
  });
});

describe('a stream', () => {
  it('F87 gives the same reply, wherever the network cuts it', async () => {
    const bytes = stream(...TURN);
    expect(await eventsBySdk(bytes)).toHaveLength(TURN.length);
    const whole = decode(bytes);
    checkGrammar(whole);
    const calls = EXPECTED.content.map((block) =>
      block.type === 'tool-call' ? { ...block, rawInput: JSON.stringify(block.input) } : block,
    );
    expect(collectMessage(whole)).toEqual({ ...EXPECTED, content: calls });
    for (let at = 1; at < bytes.length; at++) {
      expect(decode(bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole);
    }
    expect(decode(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  it('F21 is cut unless it has said why it ends', () => {
    const bytes = stream(...TURN);
    for (let frames = 0; frames < TURN.length; frames++) {
      const events = decode(stream(...TURN.slice(0, frames)));
      // The counts may be missing, the reason may not.
      expect(errorIn(events)).toBe(frames === TURN.length - 1 ? 'message-end' : 'CUT_STREAM');
    }
    expect(errorIn(decode(bytes.subarray(0, bytes.length - 1)))).toBe('CUT_STREAM');
  });

  it('keeps blocks apart that follow each other, and redacted reasoning', () => {
    const at = (contentBlockIndex: number, delta: JsonObject) =>
      frame('contentBlockDelta', { contentBlockIndex, delta });
    const thought = (index: number, signature: string) => [
      at(index, { reasoningContent: { text: `t${index}` } }),
      at(index, { reasoningContent: { signature: signature.slice(0, 1) } }),
      at(index, { reasoningContent: { signature: signature.slice(1) } }),
      frame('contentBlockStop', { contentBlockIndex: index }),
    ];
    const { content } = collectMessage(
      decode(
        ...thought(0, 'one'),
        ...thought(1, 'two'),
        at(2, { reasoningContent: { redactedContent: 'b3A=' } }),
        frame('contentBlockStop', { contentBlockIndex: 2 }),
        at(3, { reasoningContent: { text: 'unsigned' } }),
        frame('messageStop', { stopReason: 'end_turn' }),
      ),
    );
    expect(content).toEqual([
      { type: 'reasoning', text: 't0', state: { origin: 'bedrock', data: 'one' } },
      { type: 'reasoning', text: 't1', state: { origin: 'bedrock', data: 'two' } },
      { type: 'reasoning', text: '', state: { origin: 'bedrock', data: 'b3A=' }, redacted: true },
      { type: 'reasoning', text: 'unsigned', state: { origin: 'bedrock', data: {} } },
    ]);
  });

  it('F11 keeps half a call that the limit of tokens cut off', () => {
    const events = decode(...TURN.slice(0, 10), frame('messageStop', { stopReason: 'max_tokens' }));
    const { content, stopReason } = collectMessage(events);
    expect(stopReason).toBe('max-tokens');
    expect(content.at(-1)).toMatchObject({ type: 'tool-call', rawInput: '{"city":' });
  });

  it.each([
    ['throttlingException', { message: 'Too many requests' }, 'RATE_LIMITED'],
    ['modelStreamErrorException', { message: 'broke off', originalStatusCode: 500 }, 'PROVIDER_FAILED'],
    ['validationException', { message: 'Input is too long for requested model.' }, 'CONTEXT_OVERFLOW'],
    ['internalServerException', {}, 'PROVIDER_FAILED'],
    ['serviceUnavailableException', { message: 'x' }, 'PROVIDER_OVERLOADED'],
  ])('F15 F17 that fails with %s ends with that error', (name, payload, code) => {
    for (const before of [[], TURN.slice(0, 8)]) {
      expect(errorIn(decode(...before, frame(name, payload, 'exception'), ...TURN.slice(8)))).toBe(code);
    }
  });

  it('that is damaged, or none at all, is malformed', () => {
    const bytes = Buffer.from(stream(...TURN));
    const middle = bytes.length >> 1;
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle);
    expect(errorIn(decode(bytes))).toBe('MALFORMED_REPLY');
    expect(errorIn(decode(Buffer.from('data: {"choices":[]}\n\n')))).toBe('MALFORMED_REPLY');
  });
});

describe('errors', () => {
  const decodeError = (status: number, type: string, message: string) =>
    format.decodeError(status, { 'x-amzn-errortype': type }, JSON.stringify({ message }));

  it.each([
    [429, 'ThrottlingException', 'Too many requests, please wait before trying again.', 'RATE_LIMITED'],
    [
      429,
      'ThrottlingException:http://internal.amazon.com/',
      'Too many tokens per day, please wait.',
      'QUOTA_EXHAUSTED',
    ],
    [400, 'ServiceQuotaExceededException', 'Your request exceeds the service quota.', 'QUOTA_EXHAUSTED'],
    [400, 'ValidationException', 'Input is too long for requested model.', 'CONTEXT_OVERFLOW'],
    [400, 'ValidationException', 'input length and `max_tokens` exceed context limit: 1 + 2 > 3', 'CONTEXT_OVERFLOW'],
    [400, 'ValidationException', 'Malformed input request: extraneous key [x] is not permitted', 'PROVIDER_REJECTED'],
    [
      400,
      'ValidationException',
      'Invocation of model ID x with on-demand throughput isn’t supported.',
      'MODEL_NOT_FOUND',
    ],
    [400, 'ValidationException', 'The provided model identifier is invalid.', 'MODEL_NOT_FOUND'],
    [400, 'ValidationException', 'This model does not support image input.', 'IMAGE_REJECTED'],
    [403, 'AccessDeniedException', 'User arn:aws:iam::1:user/me is not authorized', 'PROVIDER_AUTH'],
    [
      403,
      'AccessDeniedException',
      'You don’t have access to the model with the specified model ID.',
      'MODEL_NOT_FOUND',
    ],
    [403, 'AccessDeniedException', 'Model access is denied due to INVALID_PAYMENT_INSTRUMENT', 'PROVIDER_BILLING'],
    [403, 'UnrecognizedClientException', 'The security token included in the request is invalid.', 'PROVIDER_AUTH'],
    [403, 'ExpiredTokenException', 'The security token is expired', 'PROVIDER_AUTH'],
    [403, 'InvalidSignatureException', 'The request signature does not match', 'PROVIDER_AUTH'],
    [404, 'ResourceNotFoundException', 'Could not resolve the model', 'MODEL_NOT_FOUND'],
    [408, 'ModelTimeoutException', 'took too long', 'PROVIDER_FAILED'],
    [424, 'ModelErrorException', 'the model failed', 'PROVIDER_FAILED'],
    [429, 'ModelNotReadyException', 'not ready', 'PROVIDER_OVERLOADED'],
    [500, 'InternalServerException', 'x', 'PROVIDER_FAILED'],
    [503, 'ServiceUnavailableException', 'x', 'PROVIDER_OVERLOADED'],
    [502, '', '', 'PROVIDER_FAILED'],
  ])('F92 %s %s %s is %s', (status, type, message, code) => {
    expect(decodeError(status, type, message).code).toBe(code);
  });

  it('F10 too long a prompt is said in the words that make agents compact', () => {
    const { message } = decodeError(400, 'ValidationException', 'prompt is too long: 208310 tokens > 200000 maximum');
    expect(message).toBe('prompt is too long: 208310 tokens > 200000 maximum');
    expect(decodeError(400, 'ValidationException', 'Input is too long.').message).toBe(
      'prompt is too long: Input is too long.',
    );
  });

  it('reads a type that only the body has, and no page of HTML', () => {
    const body = '{"__type":"com.amazon.coral.service#ThrottlingException","Message":"slow"}';
    expect(format.decodeError(400, { 'retry-after': '7' }, body)).toMatchObject({
      code: 'RATE_LIMITED',
      message: 'slow',
      retryAfterSeconds: 7,
    });
    expect(format.decodeError(502, {}, '<html>10.0.0.1</html>').message).not.toContain('html');
  });

  it('a clock that is wrong is told from a key that is', () => {
    const said = (message: string): string => decodeError(403, 'InvalidSignatureException', message).message;
    for (const why of ['Signature expired: 20261122T070000Z is now earlier than', 'Signature not yet current: 2026']) {
      expect(said(why)).toMatch(/clock of the gateway’s machine/);
    }
    expect(said('The request signature does not match')).not.toContain('clock');
  });

  it('F101 says nothing of the account', () => {
    expect(decodeError(403, 'AccessDeniedException', 'User arn:aws:iam::123:user/me').message).not.toContain('arn:');
  });
});
