import { type ChatRequest, type Exchange, estimatePromptTokens, Notes, newId, type StateKey } from '@signalbox/kit';

/** Whatever a test wants to say about an exchange; the rest follows from the request. */
export type FakeExchangeOptions = Partial<Omit<Exchange, 'request' | 'state'>> & { request?: Partial<ChatRequest> };

/** An exchange with a request, as plugins see it, without a gateway. */
export function fakeExchange({ request: partial = {}, ...given }: FakeExchangeOptions = {}): Exchange {
  const request: ChatRequest = {
    model: given.model ?? 'some-model',
    stream: given.stream ?? false,
    system: [],
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello.' }] }],
    tools: [],
    ...partial,
  };
  const states = new Map<StateKey<unknown>, unknown>();
  let promptTokens: number | undefined;
  return {
    id: newId('ex_'),
    operation: 'chat',
    format: 'anthropic-messages',
    method: 'POST',
    path: '/v1/messages',
    headers: {},
    remoteAddress: '127.0.0.1',
    rawBody: Buffer.from(JSON.stringify(request)),
    model: request.model,
    stream: request.stream,
    request,
    principal: { id: 'local' },
    plan: undefined,
    target: undefined,
    lane: undefined,
    routing: [],
    attempts: [],
    usage: undefined,
    notes: new Notes(),
    signal: new AbortController().signal,
    estimatePromptTokens: () => {
      promptTokens ??= estimatePromptTokens(request);
      return promptTokens;
    },
    state: <T>(key: StateKey<T>): T => {
      if (!states.has(key)) states.set(key, key.create());
      return states.get(key) as T;
    },
    ...given,
  };
}
