import { errors, type Format, type JsonObject } from '@signalbox/kit';
import { decodeReply } from './decode-reply.ts';
import { encodeRequest } from './encode-request.ts';
import { decodeError } from './errors.ts';
import { count, ID } from './fields.ts';
import { type ModelTraits, modelTraits } from './model-traits.ts';
import { ConverseStreamDecoder } from './stream-decoder.ts';
import { decodeUsage } from './usage.ts';

export interface ConverseOptions {
  readonly baseModels: Readonly<Record<string, string>>;
  readonly extraBody: JsonObject;
}

/** AWS's Converse as a provider speaks it. No client does, so the client's half of a format is not there. */
export function converseFormat({ baseModels, extraBody }: ConverseOptions): Format {
  const traitsOf = (model: string): ModelTraits =>
    modelTraits(Object.hasOwn(baseModels, model) ? (baseModels[model] ?? model) : model);
  return {
    id: ID,
    ingress: [],
    recognises: () => false,
    requestIdHeader: 'x-amzn-requestid',
    modelInBody: false,
    forwardsReplyHeader: (name) => name === 'x-amzn-requestid',
    encodeRequest: (request, target) => encodeRequest(request, target, traitsOf(target.model), extraBody),
    decodeReply,
    createStreamDecoder: (target) => new ConverseStreamDecoder(target),
    inspectReply: (body) => ({ usage: decodeUsage(body.usage), error: undefined }),
    decodeError,
    decodeTokenCount: ({ inputTokens }) => count(inputTokens),
    decodeRequest: noClient,
    encodeReply: noClient,
    createStreamEncoder: noClient,
    createStreamRelay: noClient,
    encodeError: noClient,
    encodeModels: noClient,
    encodeModel: noClient,
  };
}

function noClient(): never {
  throw errors.unsupported('Bedrock’s Converse is spoken to providers only.');
}
