import { describe, expect, it } from '@jest/globals';
import { errors } from '@signalbox/kit';
import { ollama } from './index.ts';

const decode = (status: number, message: string) => ollama.decodeError(status, {}, JSON.stringify({ error: message }));

describe('an error of the provider', () => {
  it.each<[number, string, string]>([
    [400, '"llama3" does not support thinking', 'PROVIDER_REJECTED'],
    [413, 'request body too large', 'REQUEST_TOO_LARGE'],
    [400, 'registry.ollama.ai/library/x does not support tools', 'PROVIDER_REJECTED'],
    [400, 'this model only supports one image while more than one image requested', 'IMAGE_REJECTED'],
    [
      400,
      'the prompt is longer than the context length currently available to the model; shorten it',
      'CONTEXT_OVERFLOW',
    ],
    [
      400,
      'request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it',
      'CONTEXT_OVERFLOW',
    ],
    [500, 'the input length exceeds the context length', 'CONTEXT_OVERFLOW'],
    [401, 'unauthorized', 'PROVIDER_AUTH'],
    [403, 'ollama cloud is disabled', 'PROVIDER_AUTH'],
    [404, "model 'x' not found", 'MODEL_NOT_FOUND'],
    [429, 'you (me) have reached your weekly usage limit, upgrade for higher limits', 'QUOTA_EXHAUSTED'],
    [429, 'too many concurrent requests', 'RATE_LIMITED'],
    [500, 'llama runner process has terminated: exit status 2', 'PROVIDER_FAILED'],
    [503, 'server busy, please try again.  maximum pending requests exceeded', 'PROVIDER_OVERLOADED'],
    [529, 'overloaded', 'PROVIDER_OVERLOADED'],
  ])('%s %s is %s', (status, message, code) => {
    expect(decode(status, message).code).toBe(code);
  });

  it('F10 that the prompt is too long begins with the words that make agents compact', () => {
    expect(decode(400, 'the prompt is longer than the context length').message).toMatch(/^prompt is too long: /);
  });

  it('goes unchanged to a client of the same format, and gives no page of HTML away', () => {
    const body = { error: "model 'x' not found" };
    const { status, body: sent } = ollama.encodeError(decode(404, body.error), { exchangeId: 'e' });
    expect([status, sent]).toEqual([404, body]);
    expect(ollama.decodeError(502, {}, '<html><body>nginx</body></html>').message).not.toContain('nginx');
  });
});

it('an error for a client is one message, with its status', () => {
  const { status, headers, body } = ollama.encodeError(errors.rateLimited('Slow down.', { retryAfterSeconds: 2 }), {
    exchangeId: 'sbx_1',
  });
  expect({ status, headers, body }).toEqual({
    status: 429,
    headers: {},
    body: { error: 'Slow down.' },
  });
});
