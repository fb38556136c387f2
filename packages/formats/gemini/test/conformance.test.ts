import type { Format, JsonObject } from '@signalbox/kit';
import { describeFormat } from '@signalbox/testkit/suites';
import fc from 'fast-check';
import { gemini } from '../src/index.ts';

/** The laws know bodies only: here the model and the wish for a stream, which stand in the path, ride along in them. */
const pathInBody: Format = {
  ...gemini,
  encodeRequest: (request, target) => ({
    ...gemini.encodeRequest(request, target),
    model: target.model,
    stream: request.stream,
  }),
  decodeRequest: (body, client) => {
    const { model, stream, ...rest } = body;
    return gemini.decodeRequest(rest, {
      ...client,
      model: typeof model === 'string' ? model : 'law-model',
      stream: stream === true,
    });
  },
};

describeFormat(pathInBody, {
  fixtures: new URL('../fixtures/synthetic/', import.meta.url),
  reasoningOrigin: 'gemini',
  normalise: ({ stream: _, ...body }: JsonObject) => body,
  clientRequest: {
    contents: [{ role: 'user', parts: [{ text: 'Hi.' }] }],
    generationConfig: { thinkingConfig: { includeThoughts: true } },
  },
  features: {
    // Google has neither withheld thoughts nor a word for a stop sequence that was hit.
    redacted: false,
    stopReasons: ['end-turn', 'max-tokens', 'refusal', 'tool-call'],
    reasoningState: {
      origin: 'gemini',
      data: fc.base64String({ minLength: 4, maxLength: 40 }).map((thoughtSignature) => ({ thoughtSignature })),
    },
  },
});
