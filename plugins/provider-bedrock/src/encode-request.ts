import type { ChatRequest, JsonObject, TargetContext } from '@signalbox/kit';
import { encodeMessages, encodeSystem } from './encode-messages.ts';
import { type EncodedReasoning, encodeReasoning } from './encode-reasoning.ts';
import { encodeTools } from './encode-tools.ts';
import { Encoding } from './encoding.ts';
import { ID } from './fields.ts';
import type { ModelTraits } from './model-traits.ts';

/**
 * A Converse body for a target; model and streaming are in its URL. The same request always gives the same bytes.
 * @throws {SignalboxError} UNSUPPORTED for files that only another provider can read.
 */
export function encodeRequest(
  request: ChatRequest,
  target: TargetContext,
  traits: ModelTraits,
  extraBody: JsonObject = {},
): JsonObject {
  const encoding = new Encoding(request, target, traits);
  encoding.notes.foreignExtensions(request.extensions, ID, '');
  if (request.userId !== undefined) encoding.notes.add('userId', 'mapped', 'Converse takes no user id');
  const reasoning = encodeReasoning(request, encoding);
  const format = encodeFormat(request, encoding);
  const { inferenceConfig, fields } = encodeSampling(request, reasoning, encoding);
  const system = encodeSystem(request, format.instruction, encoding);
  const toolConfig = encodeTools(request, reasoning.thinking, encoding);
  const own = { ...reasoning.fields, ...fields };
  const output = { ...format.output, ...(reasoning.effort === undefined ? {} : { effort: reasoning.effort }) };
  return {
    ...extraBody,
    ...(system.length === 0 ? {} : { system }),
    messages: encodeMessages(request, encoding),
    ...(Object.keys(inferenceConfig).length === 0 ? {} : { inferenceConfig }),
    ...(toolConfig === undefined ? {} : { toolConfig }),
    ...(Object.keys(own).length === 0 ? {} : { additionalModelRequestFields: own }),
    ...(Object.keys(output).length === 0 ? {} : { outputConfig: output }),
    // Otherwise nobody says which of them it was.
    ...(traits.family === 'claude' && inferenceConfig.stopSequences !== undefined
      ? { additionalModelResponseFieldPaths: ['/stop_sequence'] }
      : {}),
  };
}

function encodeSampling(
  request: ChatRequest,
  { thinking, maxTokens }: EncodedReasoning,
  { traits, target, notes }: Encoding,
): { readonly inferenceConfig: JsonObject; readonly fields: JsonObject } {
  const inferenceConfig: JsonObject = {};
  const fields: JsonObject = {};
  const { temperature, topP, topK } = request;
  const refuses = !traits.sampling ? 'the model has none' : thinking ? 'the model thinks' : undefined;
  const drop = (path: string, reason: string): void => notes.add(path, 'dropped', reason);
  if (maxTokens !== undefined) inferenceConfig.maxTokens = maxTokens;
  if (temperature !== undefined) {
    if (refuses !== undefined) drop('temperature', refuses);
    else inferenceConfig.temperature = Math.min(temperature, 1);
    if (refuses === undefined && temperature > 1) notes.add('temperature', 'approximated', 'clamped to 1');
  }
  if (topP !== undefined) {
    if (refuses !== undefined) drop('topP', refuses);
    else if (inferenceConfig.temperature !== undefined && !traits.temperatureWithTopP) {
      drop('topP', 'the model takes a temperature or topP');
    } else inferenceConfig.topP = topP;
  }
  if (topK !== undefined) {
    if (refuses !== undefined) drop('topK', refuses);
    else if (traits.topK === 'none') drop('topK', 'the model has none');
    else if (traits.topK === 'top_k') fields.top_k = topK;
    else fields.inferenceConfig = { topK };
  }
  const sequences = (request.stopSequences ?? []).filter((sequence) => sequence !== '');
  const sent = sequences.filter((sequence) => sequence.trim() !== '');
  const enforced = sequences.filter((sequence) => sequence.trim() === '');
  if (sent.length > 0) inferenceConfig.stopSequences = sent;
  if (enforced.length > 0) {
    notes.add('stopSequences', 'mapped', 'the gateway enforces those of white space on the reply');
    target.enforceStopSequences(enforced);
  }
  return { inferenceConfig, fields };
}

function encodeFormat(
  { responseFormat }: ChatRequest,
  { traits, notes }: Encoding,
): { readonly output: JsonObject; readonly instruction: string | undefined } {
  if (responseFormat === undefined) return { output: {}, instruction: undefined };
  if (responseFormat.type === 'json-object') {
    notes.add('responseFormat', 'approximated', 'asked for in the system prompt');
    return { output: {}, instruction: 'Answer with one JSON object and nothing else: no prose, no code fence.' };
  }
  const { schema, name, description } = responseFormat;
  const text = JSON.stringify(schema);
  if (!traits.jsonSchema) {
    notes.add('responseFormat', 'approximated', 'the schema stands in the system prompt');
    const instruction = `Answer with JSON and nothing else. It must be valid against this JSON Schema:\n${text}`;
    return { output: {}, instruction };
  }
  const jsonSchema = {
    schema: text,
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
  };
  return {
    output: { textFormat: { type: 'json_schema', structure: { jsonSchema } } },
    instruction: undefined,
  };
}
