import providerOllama from '@signalbox/provider-ollama';
import { ollamaTurn } from '@signalbox/testkit';
import { type ClientKind, inSeconds, type ProviderError, type ProviderKind, QUESTION } from '../kinds.ts';

export const ollamaClient: ClientKind = {
  id: 'ollama',
  path: () => '/api/chat',
  headers: {},
  body: (stream) => ({ model: 'asked-for', stream, messages: [{ role: 'user', content: QUESTION }] }),
  visible: (raw) => raw,
  // An end without a reason is how a server breaks off. A client of the same format gets it as it came.
  success: /"done":true,"done_reason":"/,
  error: /^\{"error":"[^"]/m,
};

/** There is one message, and nothing else: wordings say what it is about. */
function error({ message, code }: ProviderError): { error: string } {
  if (code === 'context_length_exceeded') {
    return { error: 'the request exceeds the available context size (8192 tokens), try increasing it' };
  }
  return { error: code === 'insufficient_quota' ? 'you have reached your weekly usage limit' : message };
}

export const ollamaProvider: ProviderKind = {
  id: 'ollama',
  plugin: (name, baseUrl, timeouts) => [providerOllama, { name, baseUrl, timeouts }],
  answer: (turn) => {
    const { body, frames } = ollamaTurn(turn, { model: 'theirs' });
    return { body, frames };
  },
  withoutUsage: ({ body: { prompt_eval_count: _prompt, eval_count: _answer, ...body }, frames }) => ({
    body,
    frames: frames.map((frame) => frame.replace(/"(?:prompt_)?eval_count":\d+,/g, '')),
  }),
  error,
  errorFrame: (failure) => `${JSON.stringify(error(failure))}\n`,
  retryAfter: inSeconds,
  ping: '{"model":"theirs","message":{"role":"assistant","content":""},"done":false}\n',
  brokenFrame: '{"model":"theirs","message":{"role":"assi\n',
  terminators: 1,
  epilogue: 0,
  streamType: 'application/x-ndjson',
};
