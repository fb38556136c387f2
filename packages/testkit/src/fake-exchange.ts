import {
  type ChatRequest,
  type Exchange,
  estimatePromptTokens,
  type JsonObject,
  Notes,
  newId,
  type StateKey,
} from '@signalbox/kit';

/** Whatever a test wants to say about an exchange; the rest follows from the request. */
export type FakeExchangeOptions = Partial<Omit<Exchange, 'request' | 'state'>> & { request?: Partial<ChatRequest> };

/** An exchange with a request, as plugins see it, without a gateway. A body that is completed is not decoded anew. */
export function fakeExchange({
  request: partial = {},
  rawBody: received,
  ...given
}: FakeExchangeOptions = {}): Exchange {
  const request: ChatRequest = {
    model: given.model ?? 'some-model',
    stream: given.stream ?? false,
    system: [],
    messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello.' }] }],
    tools: [],
    ...partial,
  };
  const states = new Map<StateKey<unknown>, unknown>();
  let rawBody = received ?? Buffer.from(JSON.stringify(request));
  let promptTokens: number | undefined;
  return {
    id: newId('ex_'),
    operation: 'chat',
    format: 'anthropic-messages',
    method: 'POST',
    path: '/v1/messages',
    headers: {},
    remoteAddress: '127.0.0.1',
    get rawBody() {
      return rawBody;
    },
    get body() {
      return parsed(rawBody);
    },
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
    whenStands: (then) => then(),
    completeBody: (pieces) => {
      rawBody = Buffer.from(pieces.join(''));
    },
    ...given,
  };
}

/** A test may be about the length of a body alone, whatever is in it. */
function parsed(rawBody: Buffer): JsonObject {
  try {
    return JSON.parse(rawBody.toString()) as JsonObject;
  } catch {
    return {};
  }
}
