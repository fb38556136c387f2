import { defineFormat, type Format, type JsonObject, type Plugin } from '@signalbox/kit';
import { decodeReply, inspectReply } from './decode-reply.ts';
import { decodeRequest } from './decode-request.ts';
import { dialectResolver, type ResponsesDialectOptions } from './dialect.ts';
import { encodeReply } from './encode-reply.ts';
import { encodeRequest } from './encode-request.ts';
import { decodeError, encodeError } from './errors.ts';
import { ID } from './fields.ts';
import { forwardsReplyHeader, ingress, recognises, resembles } from './ingress.ts';
import { encodeModel, encodeModels } from './models.ts';
import { refusesElsewhere } from './refusal.ts';
import { createStreamDecoder } from './stream-decoder.ts';
import { createStreamEncoder } from './stream-encoder.ts';
import { createStreamRelay } from './stream-relay.ts';

/** OpenAI's Responses. */
export interface OpenAiResponses extends Format {
  /** The same format as another provider speaks it, or as a model takes it. */
  with(dialect: ResponsesDialectOptions): Format;
}

function createFormat(options: ResponsesDialectOptions): Format {
  const dialectFor = dialectResolver(options);
  return {
    id: ID,
    ingress,
    recognises,
    resembles,
    requestIdHeader: 'x-request-id',
    halfFrameEnd: '\n\n',
    carriesReasoningState: true,
    forwardsReplyHeader,
    decodeRequest,
    refusesElsewhere,
    encodeRequest: (request, target) => encodeRequest(request, target, dialectFor(target.model)),
    decodeReply,
    encodeReply,
    createStreamDecoder,
    createStreamEncoder,
    createStreamRelay,
    inspectReply,
    decodeError,
    encodeError,
    encodeTokenCount: (tokens): JsonObject => ({ object: 'response.input_tokens', input_tokens: tokens }),
    decodeTokenCount: ({ input_tokens: tokens }) => (typeof tokens === 'number' ? tokens : undefined),
    encodeModels,
    encodeModel,
  };
}

export const openaiResponses: OpenAiResponses & Plugin = defineFormat({ ...createFormat({}), with: createFormat });
