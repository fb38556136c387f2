import { createHash } from 'node:crypto';
import type { JsonObject, Notes } from '@signalbox/kit';

const LEGAL = /^[A-Za-z0-9_-]{1,512}$/;

/** Puts a hash in the place of a user id that DeepSeek’s Anthropic surface would refuse; Claude Code’s is JSON. */
export function legalUserId(body: JsonObject, notes: Notes): JsonObject {
  const { metadata } = body;
  if (typeof metadata !== 'object' || metadata === null || !('user_id' in metadata)) return body;
  const { user_id: userId } = metadata;
  if (typeof userId !== 'string' || LEGAL.test(userId)) return body;
  notes.add('userId', 'mapped', 'sent as its SHA-256');
  return { ...body, metadata: { ...metadata, user_id: createHash('sha256').update(userId).digest('hex') } };
}
