import { type ChatReply, errors, type Format, type JsonObject, Notes, type StreamEvent } from '@signalbox/kit';
import { sampleFormat } from './sample-format.ts';

type Fault = [fault: string, law: RegExp, broken: Partial<Format>];

const { encodeRequest, decodeReply, encodeReply, createStreamDecoder, createStreamEncoder, createStreamRelay } =
  sampleFormat;
const noNotes = { notes: new Notes() };

/** What a codec does wrong to the one that it speaks to or for; each with the law that must find it. */
export const codecFaults: Fault[] = [
  [
    'loses the tools of a request in silence',
    /what a request loses/,
    { encodeRequest: (request, target) => encodeRequest({ ...request, tools: [] }, target) },
  ],
  [
    'notes nothing of a request',
    /reasoning of another origin loses/,
    { encodeRequest: (request, target) => encodeRequest(request, { ...target, ...noNotes }) },
  ],
  [
    'tells of one loss and is silent about another',
    /what a request loses/,
    {
      encodeRequest: ({ temperature: _, ...request }, target) => {
        target.notes.add('topP', 'dropped', 'something else');
        return encodeRequest(request, target);
      },
    },
  ],
  [
    'has no word for the end with a call and says nothing',
    /whole reply loses/,
    {
      encodeReply: (reply, client) =>
        encodeReply({ ...reply, stopReason: reply.stopReason === 'tool-call' ? 'end-turn' : reply.stopReason }, client),
    },
  ],
  [
    'loses the counts of a stream in silence',
    /streamed reply loses/,
    encoded((events) => events.filter(({ type }) => type !== 'usage')),
  ],
  [
    'sends the model that the client asked for',
    /the model on the wire/,
    { encodeRequest: (request, target) => encodeRequest(request, { ...target, model: request.model }) },
  ],
  [
    'sends tool names as they are',
    /tool name that the provider/,
    { encodeRequest: (request, { model }) => whole(request, model) },
  ],
  [
    'does not give a client its tool names back',
    /tool name that the provider/,
    {
      decodeReply: (body, target) =>
        decodeReply(body, { ...target, toolNames: { original: (name: string) => name } as never }),
    },
  ],
  [
    'sends the reasoning of others',
    /another origin is not sent/,
    {
      encodeRequest: (request, target) => ({
        ...encodeRequest(request, target),
        messages: whole(request, target.model).messages,
      }),
    },
  ],
  [
    'does not say whose reasoning it is',
    /carries the origin/,
    {
      decodeReply: (body, target) => {
        const reply = decodeReply(body, target);
        return {
          ...reply,
          content: reply.content.map((block) =>
            block.type === 'reasoning' ? { ...block, state: undefined as never } : block,
          ),
        };
      },
    },
  ],
  [
    'forgets stop sequences past the fourth',
    /every stop sequence/,
    {
      encodeRequest: (request, target) =>
        encodeRequest({ ...request, stopSequences: request.stopSequences?.slice(0, 4) ?? [] }, target),
    },
  ],
  [
    'asks for any tool in place of the one',
    /must be called by name/,
    { encodeRequest: (request, target) => encodeRequest({ ...request, toolChoice: { type: 'required' } }, target) },
  ],
  [
    'repeats the ids of calls',
    /gets a fresh one/,
    { encodeReply: (reply, { model }) => ({ ...(reply as unknown as JsonObject), model }) },
  ],
  [
    'calls all replies alike',
    /ids of their own/,
    { encodeReply: (reply, client) => ({ ...encodeReply(reply, client), id: 'same' }) },
  ],
  [
    'starts again behind open()',
    /behind open\(\)/,
    {
      createStreamEncoder: (client) => {
        const encoder = createStreamEncoder(client);
        return { ...encoder, encode: (events) => events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('') };
      },
    },
  ],
  ['commits at the start', /takes a stream that fails for failed/, relayed({ committed: true })],
  ['finishes with an error', /takes a stream that fails for failed/, relayed({ finished: true })],
  ['overlooks errors in the relay', /takes a stream that fails for failed/, relayed({ error: undefined })],
  [
    'takes half a frame for a malformed one',
    /half a frame at the end/,
    {
      createStreamDecoder: (target) => {
        const decoder = createStreamDecoder(target);
        const malformed: StreamEvent = { type: 'error', error: errors.malformedReply('Half a frame.').info() };
        return { ...decoder, end: () => decoder.end().map((event) => (event.type === 'error' ? malformed : event)) };
      },
    },
  ],
  [
    'sends out the error body of another format',
    /another format’s error/,
    {
      encodeError: (error, context) =>
        error.wire === undefined
          ? sampleFormat.encodeError(error, context)
          : { status: error.wire.status, headers: {}, body: error.wire.body },
    },
  ],
  [
    'repeats what a provider says about its key',
    /F101/,
    {
      decodeError: (status, headers, body) =>
        status === 401
          ? errors.providerAuth((JSON.parse(body) as { message: string }).message)
          : sampleFormat.decodeError(status, headers, body),
    },
  ],
  [
    'takes the prompt for the completion, reading and writing',
    /known to say/,
    {
      decodeReply: (body, target) => swapped(decodeReply(body, target)),
      encodeReply: (reply, client) => encodeReply(swapped(reply), client),
    },
  ],
  ['recognises everybody', /recognises only its own/, { recognises: () => true }],
  [
    'serves a path that is none',
    /serves a chat at a path/,
    { ingress: [{ method: 'POST', path: 'sample/chat', operation: 'chat' }] },
  ],
  ['serves no chat', /serves a chat at a path/, { ingress: [] }],
  ['shows no models', /shows the models/, { encodeModels: () => ({ models: [] }) }],
];

function swapped({ usage, ...reply }: ChatReply): ChatReply {
  if (usage?.promptTokens === undefined || usage.completionTokens === undefined) return reply;
  return { ...reply, usage: { ...usage, promptTokens: usage.completionTokens, completionTokens: usage.promptTokens } };
}

function whole(request: object, model: string): JsonObject {
  return { ...(request as JsonObject), model };
}

function encoded(change: (events: readonly StreamEvent[]) => readonly StreamEvent[]): Partial<Format> {
  return {
    createStreamEncoder: (client) => {
      const encoder = createStreamEncoder(client);
      return { ...encoder, encode: (events) => encoder.encode(change(events)) };
    },
  };
}

function relayed(change: object): Partial<Format> {
  return {
    createStreamRelay: (options) => {
      const relay = createStreamRelay(options);
      const { push, end } = relay;
      return Object.create(relay, Object.getOwnPropertyDescriptors({ push, end, ...change }));
    },
  };
}
