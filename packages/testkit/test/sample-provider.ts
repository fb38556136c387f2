import {
  commonProvider,
  credentialFor,
  defineProvider,
  errors,
  type Format,
  type HttpProvider,
  type JsonObject,
  type ProviderCall,
  type ProviderOptions,
  providerOptions,
  SseDecoder,
  type StreamEvent,
  Type,
} from '@signalbox/kit';
import { sampleFormat } from './sample-format.ts';

type Choice = { message: Record<string, never>; delta: Record<string, never>; finish_reason: string | null };

/** Just enough of a chat format to read what the scripted provider says. */
export const tinyChat: Format = {
  ...sampleFormat,
  id: 'tiny-chat',
  encodeRequest: ({ stream, messages, tools }, { model, notes }) => {
    const images = messages.some(({ content }) => content.some(({ type }) => type === 'image'));
    if (images) notes.add('messages', 'dropped', 'this provider has no images');
    const texts = messages.map(({ content }) =>
      content.flatMap((block) => (block.type === 'text' ? [block.text] : [])),
    );
    return { model, stream, messages: texts, tools: tools.map((tool) => tool.name ?? '') };
  },
  decodeReply: (body) => {
    const { message } = (body.choices as unknown as Choice[])[0] ?? ({} as Choice);
    const [call] = (message.tool_calls ?? []) as { id: string; function: { name: string; arguments: string } }[];
    return {
      content: [
        { type: 'reasoning', text: message.reasoning_content ?? '' },
        { type: 'text', text: message.content ?? '' },
        {
          type: 'tool-call',
          id: call?.id ?? '',
          name: call?.function.name ?? '',
          input: JSON.parse(call?.function.arguments ?? '{}') as JsonObject,
        },
      ],
      stopReason: 'tool-call',
    };
  },
  createStreamDecoder: () => {
    const sse = new SseDecoder();
    const seen = { reasoning: '', text: '', id: '', name: '', json: '' };
    const push = (chunk: Uint8Array): StreamEvent[] => {
      for (const { data } of sse.push(chunk)) {
        if (data === '[DONE]') continue;
        const [choice] = (JSON.parse(data) as { choices: Choice[] }).choices;
        seen.reasoning += choice?.delta.reasoning_content ?? '';
        seen.text += choice?.delta.content ?? '';
        for (const call of (choice?.delta.tool_calls ?? []) as {
          id?: string;
          function: { name?: string; arguments: string };
        }[]) {
          seen.id += call.id ?? '';
          seen.name += call.function.name ?? '';
          seen.json += call.function.arguments;
        }
      }
      return [];
    };
    return {
      push,
      end: () => [
        { type: 'message-start' },
        { type: 'block-start', index: 0, block: { type: 'reasoning' } },
        { type: 'reasoning-delta', index: 0, text: seen.reasoning },
        { type: 'block-end', index: 0 },
        { type: 'block-start', index: 1, block: { type: 'text' } },
        { type: 'text-delta', index: 1, text: seen.text },
        { type: 'block-end', index: 1 },
        { type: 'block-start', index: 2, block: { type: 'tool-call', id: seen.id, name: seen.name } },
        { type: 'tool-input-delta', index: 2, json: seen.json },
        { type: 'block-end', index: 2 },
        { type: 'message-end', stopReason: 'tool-call' },
      ],
    };
  },
  decodeError: (status, headers) => {
    if (status === 401 || status === 403) return errors.providerAuth('The provider refused the key.');
    const wait = Number(headers['retry-after']);
    return status === 429
      ? errors.rateLimited('The provider is busy.', { retryAfterSeconds: wait })
      : errors.providerFailed(status, 'The provider failed.');
  },
};

export interface SampleOptions extends ProviderOptions {
  apiKey?: string;
  baseUrl: string;
}

/** A provider plugin in which a test may put one thing wrong. */
export function sampleProvider(
  wrong: (options: SampleOptions) => Partial<HttpProvider> = () => ({}),
  { id = 'sample', closed = true } = {},
) {
  return defineProvider({
    id,
    configSchema: Type.Object(
      {
        apiKey: Type.Optional(Type.String({ description: 'Bearer token.' })),
        baseUrl: Type.String({ description: 'Where the provider is.' }),
        ...providerOptions,
      },
      { additionalProperties: !closed },
    ),
    create: (options) => ({
      format: tinyChat,
      endpoint: (call: ProviderCall) => ({
        url: `${options.baseUrl}/v1/chat/completions`,
        headers: { ...options.headers, authorization: `Bearer ${credentialFor(call, options as SampleOptions) ?? ''}` },
      }),
      ...commonProvider(options as ProviderOptions),
      ...wrong(options as SampleOptions),
    }),
  });
}
