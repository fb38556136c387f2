import type { JsonObject } from '@signalbox/kit';

/** One client of a format that keeps what it can read of an answer, its reasoning too, and drops what it cannot. */
export interface CarelessClient {
  readonly format: string;
  readonly path: (stream: boolean) => string;
  readonly body: (history: readonly JsonObject[], stream: boolean) => JsonObject;
  /** What it says first. */
  readonly asks: JsonObject;
  /** Its history after an answer, each call answered. */
  readonly goesOn: (answer: string, stream: boolean) => JsonObject[];
}

const object = (value: unknown): JsonObject => value as JsonObject;
const list = (value: unknown): JsonObject[] => (Array.isArray(value) ? (value as JsonObject[]) : []);
const frames = (sse: string): JsonObject[] =>
  [...sse.matchAll(/^data: (\{.*\})\r?$/gm)].map(([, data = '']) => JSON.parse(data) as JsonObject);
const joined = (parts: readonly JsonObject[], field: string): string =>
  parts.map((part) => String(part[field] ?? '')).join('');

const parameters = { type: 'object', properties: {} };
const tool = { type: 'function', function: { name: 'look', description: 'Looks.', parameters } };

const chat: CarelessClient = {
  format: 'openai-chat',
  path: () => '/v1/chat/completions',
  asks: { role: 'user', content: 'Look.' },
  body: (messages, stream) => ({
    model: 'm',
    stream,
    reasoning_effort: 'high',
    messages: [...messages],
    tools: [tool],
  }),
  goesOn: (answer, stream) => {
    const parts = stream
      ? frames(answer).flatMap(({ choices }) => list(choices).map(({ delta }) => object(delta)))
      : list(object(JSON.parse(answer)).choices).map(({ message }) => object(message));
    const calls = parts.flatMap(({ tool_calls: called }) => list(called));
    const [first] = calls;
    const call = {
      id: String(first?.id),
      type: 'function',
      function: {
        name: String(object(first?.function).name),
        arguments: joined(
          calls.map((part) => object(part.function)),
          'arguments',
        ),
      },
    };
    return [
      {
        role: 'assistant',
        content: joined(parts, 'content'),
        reasoning_content: joined(parts, 'reasoning_content'),
        tool_calls: [call],
      },
      { role: 'tool', tool_call_id: call.id, content: 'a heron' },
    ];
  },
};

const ollama: CarelessClient = {
  format: 'ollama',
  path: () => '/api/chat',
  asks: { role: 'user', content: 'Look.' },
  body: (messages, stream) => ({ model: 'm', stream, think: true, messages: [...messages], tools: [tool] }),
  goesOn: (answer) => {
    const parts = answer
      .trim()
      .split('\n')
      .map((line) => object(object(JSON.parse(line)).message));
    const calls = parts.flatMap(({ tool_calls: called }) => list(called));
    return [
      {
        role: 'assistant',
        content: joined(parts, 'content'),
        thinking: joined(parts, 'thinking'),
        tool_calls: calls.map(({ function: fn }) => ({
          function: { name: String(object(fn).name), arguments: object(object(fn).arguments) },
        })),
      },
      { role: 'tool', tool_name: 'look', content: 'a heron' },
    ];
  },
};

const responses: CarelessClient = {
  format: 'openai-responses',
  path: () => '/v1/responses',
  asks: { type: 'message', role: 'user', content: 'Look.' },
  body: (input, stream) => ({
    model: 'm',
    stream,
    store: false,
    reasoning: { effort: 'high', summary: 'auto' },
    input: [...input],
    tools: [{ type: 'function', name: 'look', parameters, strict: false }],
  }),
  goesOn: (answer, stream) => {
    const whole = stream
      ? object(frames(answer).find(({ type }) => type === 'response.completed')?.response)
      : object(JSON.parse(answer));
    return list(whole.output).flatMap(({ encrypted_content: _, ...item }) =>
      item.type === 'function_call'
        ? [item, { type: 'function_call_output', call_id: String(item.call_id), output: 'a heron' }]
        : [item],
    );
  },
};

const gemini: CarelessClient = {
  format: 'gemini',
  path: (stream) => `/v1beta/models/m:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  asks: { role: 'user', parts: [{ text: 'Look.' }] },
  body: (contents) => ({
    contents: [...contents],
    generationConfig: { thinkingConfig: { includeThoughts: true, thinkingLevel: 'HIGH' } },
    tools: [{ functionDeclarations: [{ name: 'look', description: 'Looks.' }] }],
  }),
  goesOn: (answer, stream) => {
    const parts = (stream ? frames(answer) : [object(JSON.parse(answer))])
      .flatMap(({ candidates }) => list(candidates).flatMap(({ content }) => list(object(content).parts)))
      .map(({ thoughtSignature: _, ...part }) => part)
      .filter((part) => part.text !== '');
    // Thoughts come in pieces, and are kept as one.
    const thought = joined(
      parts.filter((part) => part.thought === true),
      'text',
    );
    return [
      { role: 'model', parts: [{ text: thought, thought: true }, ...parts.filter((part) => part.thought !== true)] },
      {
        role: 'user',
        parts: parts.flatMap(({ functionCall: call }) =>
          call === undefined
            ? []
            : [{ functionResponse: { ...object(call), args: undefined, response: { output: 'a heron' } } as never }],
        ),
      },
    ];
  },
};

export const CARELESS_CLIENTS: readonly CarelessClient[] = [chat, ollama, responses, gemini];
