import type { JsonObject } from '@signalbox/kit';
import { modelPath } from './endpoint.ts';

/** Fields of a request that Vertex AI counts. */
const VERTEX = ['contents', 'systemInstruction', 'tools', 'generationConfig'];

/** The body that counts everything: the Gemini API wants the whole request under one key, Vertex AI its parts. */
export function countTokensBody(body: JsonObject, model: string, vertex: boolean): JsonObject {
  const inner = body.generateContentRequest ?? body.generate_content_request;
  const request = typeof inner === 'object' && inner !== null && !Array.isArray(inner) ? inner : body;
  if (!vertex) return { generateContentRequest: { ...request, model: modelPath(model) } };
  const counted: JsonObject = {};
  for (const key of VERTEX) if (request[key] !== undefined) counted[key] = request[key];
  return counted;
}
