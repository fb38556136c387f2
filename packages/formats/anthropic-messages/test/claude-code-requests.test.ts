import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject, JsonValue } from '@signalbox/kit';
import { decodeRequest, encode } from './support.ts';

const folder = new URL('../../../../../shared/claude-code/requests/', import.meta.url);

/** A string is one text block, and an empty list of tools is none; there is no other difference that may be. */
function asBlocks(content: JsonValue | undefined): JsonValue | undefined {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content;
}

function normalise(body: JsonObject): JsonObject {
  const messages = (body.messages as JsonObject[]).map((message) => ({
    ...message,
    content: (asBlocks(message.content) as JsonObject[]).map((block) =>
      block.type === 'tool_result' ? { ...block, content: asBlocks(block.content) } : block,
    ),
  }));
  const { tools, ...rest } = body;
  return { ...rest, messages, ...(Array.isArray(tools) && tools.length === 0 ? {} : { tools }) };
}

describe('recorded requests of Claude Code', () => {
  if (!existsSync(folder)) {
    it('SKIPPED: the recordings are not on this machine (../shared/claude-code/requests)', () => {
      expect(existsSync(folder)).toBe(false);
    });
    return;
  }
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  for (const name of names) {
    const { body, path } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as {
      body: JsonObject | null;
      path: string;
    };
    if (body === null) continue;
    it(`${name} comes out as it came in, with nothing to note`, () => {
      const decoded = decodeRequest(body, path.endsWith('count_tokens') ? 'count-tokens' : 'chat');
      const { body: encoded, notes } = encode(decoded, { model: decoded.model });
      expect(normalise(JSON.parse(JSON.stringify(encoded)))).toEqual(normalise(body));
      expect(notes).toEqual([]);
    });
  }
});
