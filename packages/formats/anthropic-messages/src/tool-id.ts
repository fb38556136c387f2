import { createHash } from 'node:crypto';

const LEGAL = /^[a-zA-Z0-9_-]+$/;

/**
 * The id of a tool call as this format allows it: legal ones stay, others become a hash of themselves, so that call and
 * result still match in every later turn. Never empty.
 */
export function wireToolId(id: string): string {
  if (LEGAL.test(id)) return id;
  return `toolu_${createHash('sha256').update(id).digest('base64url').slice(0, 24)}`;
}
