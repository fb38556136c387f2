import { defineFormat, type Format } from '@signalbox/kit';
import { claudeTraits } from './claude-traits.ts';
import { decodeError } from './decode-error.ts';
import { decodeReply } from './decode-reply.ts';
import { decodeRequest } from './decode-request.ts';
import type { AnthropicDialect } from './dialect.ts';
import { encodeError } from './encode-error.ts';
import { encodeReply } from './encode-reply.ts';
import { encodeRequest } from './encode-request.ts';
import { forwardsReplyHeader, ingress, recognises, resembles } from './ingress.ts';
import { inspectReply } from './inspect-reply.ts';
import { encodeModel, encodeModels, modelMeant } from './models.ts';
import { AnthropicStreamDecoder } from './stream-decoder.ts';
import { AnthropicStreamEncoder } from './stream-encoder.ts';
import { AnthropicStreamRelay } from './stream-relay.ts';
import { threadRefusal } from './thread.ts';
import { FORMAT_ID } from './wire.ts';

function createFormat(dialect: AnthropicDialect): Format {
  return {
    id: FORMAT_ID,
    ingress,
    recognises,
    resembles,
    requestIdHeader: 'request-id',
    carriesReasoningState: true,
    forwardsReplyHeader,
    modelMeant,
    decodeRequest: (body, { operation }) => decodeRequest(body, { needsMaxTokens: operation === 'chat' }),
    refusesElsewhere: threadRefusal,
    encodeRequest: (request, target) => encodeRequest(request, target, dialect),
    acceptsPrefill: (model) => dialect.prefill ?? claudeTraits(model).prefill,
    decodeReply,
    encodeReply,
    createStreamDecoder: (target) => new AnthropicStreamDecoder(target),
    createStreamEncoder: (client) => new AnthropicStreamEncoder(client),
    createStreamRelay: ({ echoModel }) => new AnthropicStreamRelay(echoModel),
    inspectReply,
    decodeError,
    encodeError,
    decodeTokenCount: ({ input_tokens: tokens }) => (typeof tokens === 'number' ? tokens : undefined),
    encodeTokenCount: (tokens) => ({ input_tokens: tokens }),
    encodeModels,
    encodeModel,
  };
}

/** The Anthropic Messages format, as Anthropic itself speaks it. */
export const anthropicMessages = defineFormat({
  ...createFormat({}),
  /** The same format for a server that takes less of it, or more; not an ingress of its own. */
  with: (dialect: AnthropicDialect): Format => createFormat(dialect),
});
