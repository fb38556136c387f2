import { defineFormat, type Format, type Plugin } from '@signalbox/kit';
import { decodeReply, inspectReply } from './decode-reply.ts';
import { decodeRequest } from './decode-request.ts';
import { encodeReply } from './encode-reply.ts';
import { encodeRequest } from './encode-request.ts';
import { decodeError, encodeError } from './errors.ts';
import { ID } from './fields.ts';
import { CHAT_PATH, GENERATE_PATH, INGRESS, recognises } from './ingress.ts';
import { answersElsewhere, refusesElsewhere } from './refuses-elsewhere.ts';
import { isPrompt, resembles } from './resembles.ts';
import { encodeModel, encodeModels } from './show.ts';
import { createStreamDecoder } from './stream-decoder.ts';
import { createStreamEncoder } from './stream-encoder.ts';
import { createStreamRelay } from './stream-relay.ts';

/** Ollama's native API: `/api/chat` and `/api/generate`, and what its clients ask before. */
export const ollama: Format & Plugin = defineFormat({
  id: ID,
  ingress: INGRESS,
  recognises,
  resembles,
  chatPath: (body) => (isPrompt(body) ? GENERATE_PATH : CHAT_PATH),
  requestIdHeader: 'x-request-id',
  streamsByDefault: true,
  forwardsReplyHeader: () => false,
  decodeRequest,
  answersElsewhere,
  refusesElsewhere,
  encodeRequest,
  decodeReply,
  encodeReply,
  createStreamDecoder,
  createStreamEncoder,
  createStreamRelay,
  inspectReply,
  decodeError,
  encodeError,
  encodeModels,
  encodeModel,
});
