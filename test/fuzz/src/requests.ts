import type { ChatRequest, JsonObject } from '@signalbox/kit';
import { agentRequest, userRequest } from '@signalbox/testkit';

const SCHEMA: JsonObject = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  properties: {
    query: { type: 'string', minLength: 1, pattern: '^a' },
    limit: { type: ['integer', 'null'], exclusiveMinimum: 0, default: 5 },
    mode: { anyOf: [{ const: 'fast' }, { enum: ['slow', null] }, { $ref: '#/$defs/node' }] },
    tuple: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'number' }], items: false },
    map: { type: 'object', additionalProperties: { $ref: '#/$defs/node' } },
    all: { allOf: [{ properties: { a: { type: 'string' } } }, { required: ['a'] }] },
  },
  required: ['query'],
  additionalProperties: false,
  $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } } },
};

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Requests of every shape, in no format: each format's clients say them in its words. */
export const REQUESTS: readonly ChatRequest[] = [
  userRequest('asked-for'),
  agentRequest('asked-for'),
  userRequest('asked-for', {
    stream: true,
    system: [{ type: 'text', text: 'Be brief.' }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is in these?' },
          { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: PNG } },
          { type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } },
          {
            type: 'document',
            source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBERi0xLjQ=' },
            title: 'a.pdf',
          },
          { type: 'document', source: { type: 'text', text: 'A text.' }, title: 'a.txt' },
        ],
      },
    ],
    maxOutputTokens: 1_000,
    temperature: 0.5,
    topP: 0.9,
    topK: 40,
    stopSequences: ['END', '\n\n'],
  }),
  userRequest('asked-for', {
    tools: [
      { type: 'function', name: 'Search', description: 'Searches.', inputSchema: SCHEMA, strict: true },
      { type: 'function', name: 'mcp__a_very_long_name_of_a_tool__that_no_provider_takes_as_it_is__because_of_it' },
    ],
    toolChoice: { type: 'tool', name: 'Search' },
    parallelToolCalls: false,
    reasoning: { mode: 'budget', budgetTokens: 2_048 },
    responseFormat: { type: 'json-schema', name: 'answer', schema: SCHEMA, strict: true },
  }),
];
