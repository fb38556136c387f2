import {
  type ChatReply,
  type ChatRequest,
  defineProvider,
  errors,
  estimatePromptTokens,
  type Usage,
} from '@signalbox/kit';
import { composeReply } from './compose.ts';
import { configSchema } from './config.ts';
import { blockTokens, withinLimits } from './limits.ts';
import { streamPieces } from './stream.ts';

export type { DemoConfig } from './config.ts';

/** Answers by itself, offline and always in the same words, so that a first start shows something without any key. */
export default defineProvider({
  id: 'demo',
  configSchema,
  create: ({ models, chunkDelayMs }) => {
    const list = models.map((id) => ({ id }));
    return {
      models: () => list,
      answer: (request, { model, signal }) => {
        if (signal.aborted) throw errors.clientClosed();
        const message = answer(request, model);
        if (!request.stream) return { kind: 'whole', message };
        return { kind: 'stream', events: streamPieces(message, chunkDelayMs, signal) };
      },
    };
  },
});

function answer(request: ChatRequest, model: string): ChatReply {
  const reply = withinLimits(composeReply(request), request);
  return { ...reply, model, usage: usageOf(request, reply) };
}

function usageOf(request: ChatRequest, { content }: ChatReply): Usage {
  let completionTokens = 0;
  let reasoningTokens = 0;
  for (const block of content) {
    const tokens = blockTokens(block);
    completionTokens += tokens;
    if (block.type === 'reasoning') reasoningTokens += tokens;
  }
  return { promptTokens: estimatePromptTokens(request), completionTokens, reasoningTokens };
}
