import { describe, expect, it } from '@jest/globals';
import type { FunctionTool, JsonObject, JsonValue } from '@signalbox/kit';
import { anthropicRefusals } from '@signalbox/testkit';
import { anySchema } from '@signalbox/testkit/laws';
import fc from 'fast-check';
import { encode, request } from '../test/support.ts';

const PERSON: JsonObject = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, description: 'Whose.' },
    age: { type: 'integer', minimum: 0 },
    born: { type: 'string', format: 'date' },
    home: { type: 'string', format: 'iri' },
    id: { oneOf: [{ type: 'string' }, { type: 'integer' }] },
  },
  required: ['name'],
};
const RECURSIVE: JsonObject = { type: 'object', properties: { next: { $ref: '#' } } };
const tool = (inputSchema: JsonObject, strict = true): FunctionTool => ({
  type: 'function',
  name: 'f',
  inputSchema,
  strict,
});
const answer = (schema: JsonObject) => ({ type: 'json-schema', schema }) as const;

/** The strict schemas of a body, as Anthropic compiles them. */
function strictSchemas({ tools, output_config: output }: JsonObject): JsonObject[] {
  const wanted = (Array.isArray(tools) ? tools : []) as { strict?: boolean; input_schema: JsonObject }[];
  const { format } = (output ?? {}) as { format?: { schema: JsonObject } };
  return [
    ...wanted.filter(({ strict }) => strict === true).map(({ input_schema: schema }) => schema),
    ...(format === undefined ? [] : [format.schema]),
  ];
}

describe('strict schemas', () => {
  const said = {
    type: 'object',
    properties: {
      name: { type: 'string', description: 'Whose. (minLength: 1)' },
      age: { type: 'integer', description: '(minimum: 0)' },
      born: { type: 'string', format: 'date' },
      home: { type: 'string', description: '(format: iri)' },
      id: { anyOf: [{ type: 'string' }, { type: 'integer' }] },
    },
    required: ['name'],
    additionalProperties: false,
  };

  it('F62 F66 are closed, and tell what Anthropic has no keyword for', () => {
    const { body, notes } = encode(request({ tools: [tool(PERSON)], responseFormat: answer(PERSON) }));
    expect(body.tools).toEqual([{ name: 'f', input_schema: said, strict: true }]);
    expect(body.output_config).toEqual({ format: { type: 'json_schema', schema: said } });
    expect(notes).toEqual([
      'responseFormat.schema mapped',
      'responseFormat.schema approximated',
      'tools[0].inputSchema mapped',
      'tools[0].inputSchema approximated',
    ]);
    expect(anthropicRefusals(strictSchemas(body))).toEqual([]);
  });

  it('a tool that is not strict keeps its schema', () => {
    const { body, notes } = encode(request({ tools: [tool(PERSON, false)] }));
    expect(body.tools).toEqual([{ name: 'f', input_schema: PERSON, strict: false }]);
    expect(notes).toEqual([]);
  });

  it('F62 what recurses or is open leaves a tool without strict, and stands in the system prompt for the answer', () => {
    const map = { type: 'object', additionalProperties: { type: 'number' } };
    for (const schema of [RECURSIVE, map]) {
      const { body, notes } = encode(request({ tools: [tool(schema)], responseFormat: answer(schema) }));
      expect(body.tools).toEqual([{ name: 'f', input_schema: schema }]);
      expect(body).not.toHaveProperty('output_config');
      expect(body.system).toEqual([{ type: 'text', text: expect.stringContaining(JSON.stringify(schema)) }]);
      expect(notes).toEqual(['responseFormat approximated', 'tools[0].strict dropped']);
    }
  });

  it('what a client of this format wrote goes as it is', () => {
    const own = { 'anthropic-messages': {} };
    const from = request({ extensions: own, tools: [tool(PERSON)], responseFormat: answer(RECURSIVE) });
    const { body, notes } = encode(from);
    expect(body.tools).toEqual([{ name: 'f', input_schema: PERSON, strict: true }]);
    expect(body.output_config).toEqual({ format: { type: 'json_schema', schema: RECURSIVE } });
    expect(notes).toEqual([]);
  });

  it('share the limits of a request: the tools for which nothing is left are not strict', () => {
    const optional = (count: number): JsonObject => ({
      type: 'object',
      properties: Object.fromEntries(Array.from({ length: count }, (_, at) => [`p${at}`, { type: 'string' }])),
      additionalProperties: false,
    });
    const from = request({
      tools: [tool(optional(20)), { ...tool(optional(5)), name: 'g' }, { ...tool(optional(4)), name: 'h' }],
    });
    const { body, notes } = encode(from);
    expect(body.tools).toMatchObject([{ strict: true }, { name: 'g' }, { strict: true }]);
    expect((body.tools as JsonObject[])[1]).not.toHaveProperty('strict');
    expect(notes).toEqual(['tools[1].strict dropped']);
    const many = Array.from({ length: 30 }, (_, at) => ({ ...tool(optional(0)), name: `t${at}` }));
    expect(strictSchemas(encode(request({ tools: many })).body)).toHaveLength(20);
  });

  it('are legal whatever comes, and leave their originals as they were', () => {
    let strict = 0;
    fc.assert(
      fc.property(fc.array(anySchema(), { minLength: 1, maxLength: 3 }), (schemas) => {
        const before = JSON.stringify(schemas);
        const [first = {}] = schemas;
        const tools = schemas.map((schema, at) => ({ ...tool(schema), name: `t${at}` }));
        const { body } = encode(request({ tools, responseFormat: answer(first) }));
        const sent = strictSchemas(JSON.parse(JSON.stringify(body)) as JsonObject);
        strict += sent.length;
        expect(anthropicRefusals(sent)).toEqual([]);
        for (const { input_schema: schema } of body.tools as { input_schema: JsonObject }[]) {
          expect(schema).toMatchObject({ type: 'object' });
          for (const key of ['anyOf', 'oneOf', 'allOf']) expect(schema[key] as JsonValue | undefined).toBeUndefined();
        }
        expect(JSON.stringify(schemas)).toBe(before);
      }),
      { numRuns: 400 },
    );
    expect(strict).toBeGreaterThan(20);
  });
});
