import type { JsonObject, Notes } from '@signalbox/kit';

const IGNORED = { temperature: 'temperature', top_p: 'topP', top_k: 'topK' } as const;

/**
 * Leaves out the sampling parameters that DeepSeek reads and then ignores while it thinks, so that the loss is noted.
 * Both surfaces have the same switch.
 */
export function dropIgnored(body: JsonObject, notes: Notes): JsonObject {
  const { thinking } = body;
  // Thinking is on unless it is switched off.
  const off = typeof thinking === 'object' && thinking !== null && 'type' in thinking && thinking.type === 'disabled';
  if (off) return body;
  let rest = body;
  for (const [key, path] of Object.entries(IGNORED)) {
    if (body[key] === undefined) continue;
    if (rest === body) rest = { ...body };
    delete rest[key];
    notes.add(path, 'dropped', 'DeepSeek ignores it while the model thinks');
  }
  return rest;
}
