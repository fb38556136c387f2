import { defineFormat, type Format, type Plugin } from '@signalbox/kit';
import { decodeReply, inspectReply } from './decode-reply.ts';
import { decodeRequest } from './decode-request.ts';
import { type GeminiDialect, geminiDialect } from './dialect.ts';
import { encodeError } from './encode-error.ts';
import { encodeReply } from './encode-reply.ts';
import { encodeRequest } from './encode-request.ts';
import { decodeError } from './errors.ts';
import { count, ID } from './fields.ts';
import { ingress, recognises, resembles } from './ingress.ts';
import { geminiTraits } from './model-traits.ts';
import { encodeModel, encodeModels } from './models.ts';
import { refusalElsewhere } from './refusal.ts';
import { GeminiStreamDecoder } from './stream-decoder.ts';
import { GeminiStreamEncoder } from './stream-encoder.ts';
import { GeminiStreamRelay } from './stream-relay.ts';

/** Google's `generateContent`. */
export interface Gemini extends Format {
  /** The same format as another server speaks it; not an ingress of its own. */
  with(dialect: Partial<GeminiDialect>): Format;
}

function createFormat(given: Partial<GeminiDialect>): Format {
  const dialect: GeminiDialect = { ...geminiDialect, ...given };
  return {
    id: ID,
    ingress,
    recognises,
    resembles,
    requestIdHeader: 'x-request-id',
    halfFrameEnd: '\n\n',
    carriesReasoningState: true,
    commentsBreakStreams: true,
    replyModelField: 'modelVersion',
    modelInBody: false,
    forwardsReplyHeader: (name) => name === 'server-timing' || name.startsWith('x-gemini-'),
    decodeRequest,
    refusesElsewhere: refusalElsewhere,
    encodeRequest: (request, target) => encodeRequest(request, target, dialect),
    acceptsPrefill: (model) => geminiTraits(model).prefill,
    decodeReply: (body, target) => decodeReply(body, target, dialect),
    encodeReply,
    createStreamDecoder: (target) => new GeminiStreamDecoder(target, dialect),
    createStreamEncoder: (client) => new GeminiStreamEncoder(client),
    createStreamRelay: ({ echoModel }) => new GeminiStreamRelay(echoModel),
    inspectReply,
    decodeError,
    encodeError,
    encodeTokenCount: (tokens) => ({ totalTokens: tokens }),
    decodeTokenCount: ({ totalTokens }) => count(totalTokens),
    encodeModels,
    encodeModel,
  };
}

export const gemini: Gemini & Plugin = defineFormat({ ...createFormat({}), with: createFormat });
