import { defineFormat, type Format, type IngressRoute, type JsonObject, type Plugin } from '@signalbox/kit';
import { decodeReply, inspectReply } from './decode-reply.ts';
import { decodeRequest } from './decode-request.ts';
import { type Dialect, type DialectOptions, dialectResolver } from './dialect.ts';
import { encodeReply } from './encode-reply.ts';
import { encodeRequest } from './encode-request.ts';
import { decodeError, encodeError } from './errors.ts';
import { ID, isObject } from './fields.ts';
import { encodeModel, encodeModels } from './models.ts';
import { createStreamDecoder } from './stream-decoder.ts';
import { createStreamEncoder } from './stream-encoder.ts';
import { createStreamRelay } from './stream-relay.ts';

/** With and without `/v1`: base URLs are written both ways. */
const INGRESS: readonly IngressRoute[] = ['/v1', ''].flatMap((prefix): IngressRoute[] => [
  { method: 'POST', path: `${prefix}/chat/completions`, operation: 'chat' },
  { method: 'GET', path: `${prefix}/models`, operation: 'models' },
  { method: 'GET', path: `${prefix}/models/:model`, operation: 'model' },
]);

const MODELS = /^(?:\/v1)?\/models(?:\/|$)/;

const OWN_ROLES: readonly JsonObject[string][] = ['system', 'developer', 'tool'];

/** Anthropic bodies have messages, too: roles and tools of its own tell them apart. */
function resembles({ messages, tools }: JsonObject): number {
  if (!Array.isArray(messages)) return 0;
  const [tool] = Array.isArray(tools) ? tools : [];
  const ownTool = isObject(tool) && 'function' in tool;
  const ownRole = messages.some((message) => isObject(message) && OWN_ROLES.includes(message.role));
  return 1.5 + (ownTool ? 3 : 0) + (ownRole ? 1 : 0);
}

/** OpenAI's Chat Completions. */
export interface OpenAiChat extends Format {
  /**
   * The same format as another provider speaks it. Errors and streams that pass through are read without a model, so
   * there a function is asked for the model `''`.
   */
  with(dialect: DialectOptions): Format;
}

function createFormat(options: DialectOptions): Format {
  const dialectFor = dialectResolver(options);
  const modelless: Dialect = dialectFor('');
  return {
    id: ID,
    ingress: INGRESS,
    recognises({ path, headers }) {
      if (path.endsWith('/chat/completions')) return true;
      const others = ['anthropic-version', 'x-api-key', 'x-goog-api-key'];
      if (others.some((name) => headers[name] !== undefined)) return false;
      // Any tool asks for the list of models, often without a word about itself: it expects OpenAI's.
      if (MODELS.test(path)) return true;
      return (
        headers['user-agent']?.startsWith('OpenAI/') === true ||
        headers['x-stainless-lang'] !== undefined ||
        headers.authorization?.startsWith('Bearer ') === true
      );
    },
    resembles,
    requestIdHeader: 'x-request-id',
    halfFrameEnd: '\n\n',
    forwardsReplyHeader: (name) =>
      name.startsWith('x-ratelimit-') || name === 'openai-processing-ms' || name === 'openai-version',
    decodeRequest,
    encodeRequest: (request, target) => encodeRequest(request, target, dialectFor(target.model)),
    acceptsPrefill: (model) => dialectFor(model).prefill !== 'none',
    decodeReply: (body, target) => decodeReply(body, target, dialectFor(target.model)),
    encodeReply,
    createStreamDecoder: (target) => createStreamDecoder(target, dialectFor(target.model)),
    createStreamEncoder,
    createStreamRelay: (relay) => createStreamRelay(relay, modelless),
    inspectReply: (body) => inspectReply(body, modelless),
    decodeError: (status, headers, body) => decodeError(status, headers, body, modelless),
    encodeError,
    encodeModels,
    encodeModel,
  };
}

export const openaiChat: OpenAiChat & Plugin = defineFormat({ ...createFormat({}), with: createFormat });
