import type { JsonObject, JsonValue } from '@signalbox/kit';
import providerGemini from '@signalbox/provider-gemini';
import { geminiJsonRefusals, geminiRefusals, geminiTurn } from '@signalbox/testkit';
import { list, number, object, parse, text } from '../json.ts';
import type { HeardPart, ProviderKind, Refusal } from '../wire.ts';
import { HearingAid } from './hearing-aid.ts';

const CONFIG_FIELDS = 'maxOutputTokens stopSequences responseMimeType responseJsonSchema responseSchema thinkingConfig';
/** A function without parameters is declared without any. */
const NO_PARAMETERS: JsonObject = { type: 'OBJECT', properties: {} };

/** A filter that lets nothing through to the model: there is no candidate at all. */
function blockedPrompt(): Refusal {
  const body = {
    promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
    usageMetadata: { promptTokenCount: 20, totalTokenCount: 20 },
    modelVersion: 'scripted-model',
    responseId: 'scripted',
  };
  return { words: '', body, frames: [`data: ${JSON.stringify(body)}\n\n`] };
}

export const geminiProvider: ProviderKind = {
  id: 'gemini',
  model: 'gemini-3.8-flash',
  plugin: (baseUrl) => [providerGemini, { name: 'gemini', apiKey: 'provider-key', baseUrl }],
  read: ({ body = {}, path }) => {
    const aid = new HearingAid();
    aid.knows(body, 'contents systemInstruction tools toolConfig generationConfig', 'the body');
    aid.hear(list(object(body.systemInstruction).parts).map((part) => text(part.text)));
    for (const turn of list(body.contents)) {
      aid.knows(turn, 'role parts', 'a turn');
      const { role, parts } = turn;
      aid.say(
        role === 'model' ? 'assistant' : role,
        list(parts).map((part) => partOf(part, aid)),
      );
    }
    const config = object(body.generationConfig);
    const thinking = object(config.thinkingConfig);
    aid.knows(config, CONFIG_FIELDS, 'the configuration');
    return aid.heard({
      tools: list(body.tools)
        .flatMap((tool) => list(tool.functionDeclarations))
        .map((tool) => {
          aid.knows(tool, 'name description parameters parametersJsonSchema', 'a tool');
          const { name, description, parameters = NO_PARAMETERS, parametersJsonSchema: schema } = tool;
          return { name: text(name), description: text(description), schema: schema ?? jsonSchema(parameters) };
        }),
      limit: number(config.maxOutputTokens),
      stop: Array.isArray(config.stopSequences) ? config.stopSequences.map(text) : [],
      schema: config.responseJsonSchema ?? jsonSchema(config.responseSchema ?? null) ?? undefined,
      reasons: thinking.includeThoughts === true && text(thinking.thinkingLevel).toUpperCase() === 'HIGH',
      stream: path.endsWith(':streamGenerateContent'),
    });
  },
  refuses: ({ tools, generationConfig }) => {
    const config = object(generationConfig);
    const declared = list(tools).flatMap((tool) => list(tool.functionDeclarations));
    const said = [config.responseSchema, ...declared.map(({ parameters }) => parameters)];
    const json = [config.responseJsonSchema, ...declared.map((tool) => tool.parametersJsonSchema)];
    return [
      ...said.flatMap((schema) => (schema === undefined ? [] : geminiRefusals(object(schema)))),
      ...json.flatMap((schema) => (schema === undefined ? [] : geminiJsonRefusals(object(schema)))),
    ];
  },
  refusals: [{ words: '', ...geminiTurn({ stopReason: 'refusal' }) }, blockedPrompt()],
  answer: (turn) => geminiTurn(turn),
  withoutIds: (turn) => {
    const { body, frames } = geminiTurn(turn);
    const swap = (json: string): string => json.replaceAll(/"functionCall":\{"id":"[^"]*",/g, '"functionCall":{');
    return { body: object(parse(swap(JSON.stringify(body)))), frames: frames.map(swap) };
  },
  streamType: 'text/event-stream',
  error: (status, message) => ({
    error: { code: status, message, status: status === 429 ? 'RESOURCE_EXHAUSTED' : 'INTERNAL' },
  }),
  errorFrame: (message) => `data: ${JSON.stringify({ error: { code: 500, message, status: 'INTERNAL' } })}\n\n`,
  count: (tokens) => ({ totalTokens: tokens }),
};

/** Google's own schemas name their types in capitals. */
function jsonSchema(schema: JsonValue): JsonValue {
  if (Array.isArray(schema)) return schema.map(jsonSchema);
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value = null]) => [
      key,
      key === 'type' && typeof value === 'string' ? value.toLowerCase() : jsonSchema(value),
    ]),
  );
}

function partOf(part: JsonObject, aid: HearingAid): HeardPart {
  aid.knows(part, 'text thought thoughtSignature functionCall functionResponse inlineData', 'a part');
  const signature = typeof part.thoughtSignature === 'string' ? { signature: part.thoughtSignature } : {};
  if (part.functionCall !== undefined) {
    const { id, name, args } = object(part.functionCall);
    return {
      type: 'call',
      id: typeof id === 'string' ? id : undefined,
      name: text(name),
      input: args ?? {},
      ...signature,
    };
  }
  if (part.functionResponse !== undefined) return resultOf(object(part.functionResponse));
  if (part.inlineData !== undefined) {
    const { mimeType, data } = object(part.inlineData);
    const type = text(mimeType).startsWith('image/') ? 'image' : 'document';
    return { type, mediaType: text(mimeType), data: text(data) };
  }
  if (typeof part.text !== 'string') return aid.strange(`a part with ${Object.keys(part).join(', ')}`);
  return part.thought === true
    ? { type: 'reasoning', text: part.text, ...signature }
    : { type: 'text', text: part.text, ...signature };
}

function resultOf({ id, name, response, parts }: JsonObject): HeardPart {
  const { output, error, ...rest } = object(response);
  const said = output ?? error ?? rest;
  return {
    type: 'result',
    id: typeof id === 'string' ? id : undefined,
    name: text(name),
    text: typeof said === 'string' ? said : JSON.stringify(said),
    isError: error !== undefined,
    images: list(parts).map((part) => text(object(part.inlineData).data)),
  };
}
