import type { JsonObject, JsonValue } from '@signalbox/kit';
import { frames, list, number, object, parse, text } from '../json.ts';
import type { Ask, AskResult, AskTurn, ClientKind, Ending, Said } from '../wire.ts';

const ENDINGS: Readonly<Record<string, Ending>> = { STOP: 'end', MAX_TOKENS: 'limit', SAFETY: 'refused' };

export const geminiClient: ClientKind = {
  id: 'gemini',
  headers: { 'x-goog-api-key': 'client' },
  path: (model, stream) => `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
  body: prompt,
  next: (body, said, { results = [], text: then, withoutIds = false }) => ({
    ...body,
    contents: [
      ...list(body.contents),
      { role: 'model', parts: joined(said.kept) },
      {
        role: 'user',
        parts: [
          ...results.map((result, index) => {
            const { id, name = '' } = said.calls[index] ?? {};
            return {
              functionResponse: { ...(id === undefined || withoutIds ? {} : { id }), name, ...response(result) },
            };
          }),
          ...(then === undefined ? [] : [{ text: then }]),
        ],
      },
    ],
  }),
  read: (raw, stream) => {
    const chunks =
      stream && !raw.startsWith('{') ? frames(raw).map(({ data }) => object(parse(data))) : [object(parse(raw))];
    return readChunks(chunks);
  },
  count: {
    path: (model) => `/v1beta/models/${model}:countTokens`,
    body: (ask, model) => ({ generateContentRequest: { model: `models/${model}`, ...prompt(ask) } }),
    read: ({ totalTokens }) => number(totalTokens),
  },
  rateLimited: 'RESOURCE_EXHAUSTED',
};

function prompt(ask: Ask): JsonObject {
  return {
    ...(ask.system === undefined ? {} : { systemInstruction: { parts: [{ text: ask.system }] } }),
    contents: ask.turns.map((turn) => ({ role: turn.role === 'user' ? 'user' : 'model', parts: parts(turn) })),
    ...(ask.tools === undefined
      ? {}
      : {
          tools: [
            {
              functionDeclarations: ask.tools.map(({ schema, strict: _, ...tool }) => ({
                ...tool,
                parametersJsonSchema: schema,
              })),
            },
          ],
        }),
    generationConfig: {
      maxOutputTokens: ask.limit ?? 4096,
      ...(ask.stop === undefined ? {} : { stopSequences: [ask.stop] }),
      ...(ask.schema === undefined ? {} : { responseMimeType: 'application/json', responseJsonSchema: ask.schema }),
      ...(ask.reasons === true ? { thinkingConfig: { includeThoughts: true, thinkingLevel: 'HIGH' } } : {}),
    },
  };
}

function parts({ text: said, image, document }: AskTurn): JsonValue[] {
  return [
    { text: said },
    ...(image === undefined ? [] : [inline('image/png', image)]),
    ...(document === undefined ? [] : [inline('application/pdf', document)]),
  ];
}

function inline(mimeType: string, data: string): JsonObject {
  return { inlineData: { mimeType, data } };
}

function response({ text: said, isError, image }: AskResult): JsonObject {
  return {
    response: isError === true ? { error: said } : { output: said },
    ...(image === undefined ? {} : { parts: [inline('image/png', image)] }),
  };
}

/** As Google's clients keep a streamed turn: neighbouring texts are one part, unless one is signed. */
function joined(kept: readonly JsonObject[]): JsonObject[] {
  const out: JsonObject[] = [];
  for (const part of kept) {
    const last = out.at(-1);
    const joins =
      last !== undefined &&
      typeof last.text === 'string' &&
      typeof part.text === 'string' &&
      last.thought === part.thought &&
      last.thoughtSignature === undefined &&
      part.thoughtSignature === undefined;
    if (joins) last.text = text(last.text) + text(part.text);
    else out.push({ ...part });
  }
  return out;
}

function readChunks(chunks: readonly JsonObject[]): Said {
  const problems: string[] = [];
  const kept: JsonObject[] = [];
  let finish: JsonValue | undefined;
  let usage: JsonObject = {};
  let error: JsonObject | undefined;
  let model: string | undefined;
  let blocked = false;
  for (const chunk of chunks) {
    if (chunk.error !== undefined) {
      error = object(chunk.error);
      continue;
    }
    const [candidate = {}, second] = list(chunk.candidates);
    if (second !== undefined) problems.push('a second candidate');
    if (finish !== undefined) problems.push('a chunk behind the end');
    const { role = 'model', parts: said } = object(candidate.content);
    if (role !== 'model') problems.push(`the role is ${String(role)}`);
    kept.push(...list(said));
    finish ??= candidate.finishReason;
    blocked ||= object(chunk.promptFeedback).blockReason !== undefined;
    usage = { ...usage, ...object(chunk.usageMetadata) };
    model ??= text(chunk.modelVersion);
  }
  const calls = kept.flatMap(({ functionCall }) => (functionCall === undefined ? [] : [object(functionCall)]));
  const ofText = (thought: boolean): string =>
    kept
      .filter((part) => (part.thought === true) === thought)
      .map((part) => text(part.text))
      .join('');
  const ending = blocked ? 'refused' : ENDINGS[text(finish)];
  const { promptTokenCount, candidatesTokenCount, thoughtsTokenCount, totalTokenCount } = usage;
  const sum = [promptTokenCount, candidatesTokenCount, thoughtsTokenCount].reduce<number>(
    (total, count) => total + (number(count) ?? 0),
    0,
  );
  if (totalTokenCount !== undefined && totalTokenCount !== sum) problems.push(`${totalTokenCount} tokens in total`);
  const candidates = number(usage.candidatesTokenCount);
  const thoughts = number(usage.thoughtsTokenCount);
  return {
    kept,
    text: ofText(false),
    reasoning: ofText(true),
    calls: calls.map(({ id, name, args }) => ({
      ...(typeof id === 'string' ? { id } : {}),
      name: text(name),
      input: args ?? {},
    })),
    ending: ending === 'end' && calls.length > 0 ? 'calls' : ending,
    model,
    usage: {
      prompt: number(usage.promptTokenCount),
      cached: number(usage.cachedContentTokenCount),
      thought: thoughts,
      completion: candidates === undefined ? thoughts : candidates + (thoughts ?? 0),
    },
    error: error === undefined ? undefined : { kind: text(error.status), message: text(error.message) },
    ended: typeof finish === 'string' || blocked,
    problems,
  };
}
