import { estimatePromptTokens, type Format, type JsonObject, needsCapability } from '@signalbox/kit';
import { misfitsOfJson, misfitsOfRequest } from '../canonical.ts';
import { newDecoding, newTarget } from '../contexts.ts';
import { mutateJson } from '../mutate-json.ts';
import type { Random } from '../random.ts';
import { type Subject, subjects } from '../subjects.ts';
import { expectNone, orOurs, type Target } from '../target.ts';
import { providerFormats } from './provider-formats.ts';

const MODELS = ['claude-opus-4-8', 'gpt-5.6', 'gemini-3-pro', 'gpt-oss:20b', 'deepseek-v4-pro', 'x', '__proto__'];

/** Bodies of clients: each is decoded, or refused as the client's own fault, and what is decoded can be said to every provider. */
export const requestTargets: readonly Target[] = subjects.map((subject) => ({
  name: `request ${subject.id}`,
  run: (random) => decodeAndEncode(random, subject),
}));

function decodeAndEncode(random: Random, { format, requests }: Subject): void {
  const others = random.chance(0.2) ? random.pick(subjects).requests : requests;
  const body = JSON.parse(mutateJson(random, random.pick(requests), others)) as JsonObject;
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return;
  const before = JSON.stringify(body);
  const decoding = newDecoding(format, random.chance(0.5));
  const request = orOurs(() => format.decodeRequest(body, decoding), [400, 499]);
  if (JSON.stringify(body) !== before) throw new Error('the body was changed');
  if (request === undefined) return;
  expectNone(misfitsOfRequest(request));
  if (!Number.isInteger(estimatePromptTokens(request))) throw new Error('the estimate is no number');
  needsCapability(request, 'images');
  needsCapability(request, 'webSearch');
  format.refusesElsewhere?.(request);
  format.answersElsewhere?.(request);
  const model = random.pick(MODELS);
  for (const provider of providerFormats)
    expectEncoded(() => provider.encodeRequest(request, newTarget(provider, model)), provider);
}

function expectEncoded(encode: () => JsonObject, { id }: Format): void {
  const body = orOurs(encode);
  if (body === undefined) return;
  expectNone(misfitsOfJson(body, `the body for ${id}`));
  JSON.stringify(body);
}
