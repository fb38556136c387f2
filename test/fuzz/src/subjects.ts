import { anthropicMessages } from '@signalbox/format-anthropic-messages';
import { gemini } from '@signalbox/format-gemini';
import { ollama } from '@signalbox/format-ollama';
import { openaiChat } from '@signalbox/format-openai-chat';
import { openaiResponses } from '@signalbox/format-openai-responses';
import { type ChatRequest, type Format, type JsonObject, SignalboxError } from '@signalbox/kit';
import { providers } from '@signalbox/test-faults';
import { readFixtures } from '@signalbox/testkit/laws';
import { newDecoding, newTarget } from './contexts.ts';
import type { Frames } from './mutate-frames.ts';
import { REQUESTS } from './requests.ts';
import { lines, serverSentEvents } from './streams.ts';
import { TURNS } from './turns.ts';

/** A format, and real words of it to be damaged. */
export interface Subject {
  readonly id: string;
  readonly format: Format;
  /** The same format as other servers speak it, where they are read otherwise. */
  readonly dialects: readonly Format[];
  readonly requests: readonly JsonObject[];
  readonly replies: readonly JsonObject[];
  readonly streams: readonly Frames[];
  readonly errors: readonly JsonObject[];
}

const FORMATS: readonly Format[] = [anthropicMessages, openaiChat, openaiResponses, gemini, ollama];
const DIALECTS: Readonly<Record<string, readonly Format[]>> = {
  'anthropic-messages': [
    anthropicMessages.with({ documents: false, unsignedThinking: true, extraFields: [], mergesRoles: false }),
  ],
  'openai-chat': [
    openaiChat.with({ reasoningInContent: true, reasoningField: 'reasoning_details', midSystem: 'fold' }),
    openaiChat.with({ reasoningField: 'thinking-part', documents: 'document_url', customTools: false }),
  ],
  'openai-responses': [openaiResponses.with({ clientTools: false, builtInTools: false, reasoning: false })],
  gemini: [gemini.with({ callIds: false, mediaUrls: true, serverToolInvocations: false })],
};

const ERRORS = [
  { message: 'Something broke.', status: 500 },
  { message: 'Too many requests, retry in 3s.', status: 429, type: 'rate_limit_error', retryAfterMs: 3_000 },
  { message: 'No credit.', status: 429, code: 'insufficient_quota' },
  { message: 'Too long.', status: 400, code: 'context_length_exceeded' },
  { message: 'No such model.', status: 404, code: 'model_not_found' },
] as const;

/** Every format that clients and providers speak. */
export const subjects: readonly Subject[] = readSubjects();

function readSubjects(): Subject[] {
  const cases = FORMATS.map((format) => ({
    format,
    fixtures: readFixtures(new URL(`../../../packages/formats/${format.id}/fixtures`, import.meta.url)),
  }));
  const asked = cases.flatMap(({ format, fixtures }) =>
    fixtures.flatMap(({ request }) => (request === undefined ? [] : (decoded(format, request) ?? []))),
  );
  return cases.map(({ format, fixtures }) => {
    const kind = providers.find(({ id }) => id === format.id);
    const answers = kind === undefined ? [] : TURNS.map((turn) => kind.answer(turn));
    const framesOf = format.id === 'ollama' ? lines : serverSentEvents;
    return {
      id: format.id,
      format,
      dialects: DIALECTS[format.id] ?? [],
      requests: [
        ...fixtures.flatMap(({ request }) => (request === undefined ? [] : [request])),
        ...[...REQUESTS, ...asked].map((request) => encoded(format, request)).filter((body) => body !== undefined),
      ],
      replies: [
        ...fixtures.flatMap(({ response }) => (response === undefined ? [] : [response])),
        ...answers.map(({ body }) => body),
      ],
      streams: [
        ...fixtures.flatMap(({ stream }) => (stream === undefined ? [] : framesOf(Buffer.from(stream).toString()))),
        ...answers.map(({ frames }) => framesOf(frames.join(''))),
      ],
      errors: kind === undefined ? [] : ERRORS.map((error) => kind.error(error)),
    };
  });
}

function decoded(format: Format, request: JsonObject): ChatRequest | undefined {
  return orRefused(() => format.decodeRequest(request, newDecoding(format)));
}

function encoded(format: Format, request: ChatRequest): JsonObject | undefined {
  const body = orRefused(() => format.encodeRequest(request, newTarget(format, 'asked-for')));
  return body === undefined ? undefined : (JSON.parse(JSON.stringify(body)) as JsonObject);
}

/** Some of what one format can say another refuses. */
function orRefused<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (SignalboxError.is(error)) return undefined;
    throw error;
  }
}
