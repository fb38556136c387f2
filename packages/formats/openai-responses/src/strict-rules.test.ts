import { describe, expect, it } from '@jest/globals';
import type { AddedNulls, ChatRequest, FunctionTool, JsonObject } from '@signalbox/kit';
import { openaiRefusals } from '@signalbox/testkit';
import { anySchema } from '@signalbox/testkit/laws';
import fc from 'fast-check';
import { testRequest, testTarget } from '../test/context.ts';
import { openaiResponses } from './format.ts';

const PERSON: JsonObject = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, description: 'Whose.' },
    age: { type: 'integer', minimum: 0 },
    home: { type: 'string', format: 'uri', default: 'x' },
    kind: { enum: ['a', 'b'] },
    friend: { $ref: '#' },
  },
  required: ['name'],
};
const MAP: JsonObject = { type: 'object', additionalProperties: { type: 'number' } };
const tool = (inputSchema: JsonObject, strict = true): FunctionTool => ({
  type: 'function',
  name: 'f',
  inputSchema,
  strict,
});
const answer = (schema: JsonObject) => ({ type: 'json-schema', schema }) as const;

interface Sent {
  readonly tools: readonly { readonly strict?: boolean; readonly parameters: JsonObject }[];
  readonly format: { readonly strict: boolean; readonly schema: JsonObject };
  readonly notes: readonly string[];
  readonly nulls: AddedNulls | undefined;
}

function encode(request: Partial<ChatRequest>, asks = true): Sent {
  let nulls: AddedNulls | undefined;
  const target = testTarget(
    asks
      ? {
          leaveOutNulls: (added) => {
            nulls = added;
          },
        }
      : {},
  );
  const body = JSON.parse(JSON.stringify(openaiResponses.encodeRequest(testRequest(request), target))) as {
    tools: Sent['tools'];
    text: { format: Sent['format'] };
  };
  const notes = target.notes.list.map(({ path, action }) => `${path} ${action}`);
  return { tools: body.tools, format: body.text?.format, notes, nulls };
}

describe('strict schemas', () => {
  const said = {
    type: 'object',
    properties: {
      name: { type: 'string', description: 'Whose. (minLength: 1)' },
      age: { type: ['integer', 'null'], minimum: 0 },
      home: { type: ['string', 'null'], description: '(format: uri, default: x)' },
      kind: { anyOf: [{ type: 'string', enum: ['a', 'b'] }, { type: 'null' }] },
      friend: { anyOf: [{ $ref: '#/$defs/root' }, { type: 'null' }] },
    },
    required: ['name', 'age', 'home', 'kind', 'friend'],
    additionalProperties: false,
  };

  it('F62 F66 require every property: what may be left out may be null, and such nulls are left out of the reply', () => {
    const { tools, format, notes, nulls } = encode({ tools: [tool(PERSON)], responseFormat: answer(PERSON) });
    const expected = { ...said, $defs: { root: said } };
    expect(tools).toMatchObject([{ strict: true, parameters: expected }]);
    expect(format).toMatchObject({ strict: true, schema: expected });
    expect(openaiRefusals(format.schema)).toEqual([]);
    expect([...notes].sort()).toEqual([
      'responseFormat.schema approximated',
      'responseFormat.schema mapped',
      'tools[0].inputSchema approximated',
      'tools[0].inputSchema mapped',
    ]);
    expect([...(nulls?.answer?.added ?? [])]).toEqual(['age', 'home', 'kind', 'friend']);
    expect([...(nulls?.tools.keys() ?? [])]).toEqual(['f']);
  });

  it('are strict only where that was asked for', () => {
    const { tools, format, notes, nulls } = encode({
      tools: [tool(PERSON, false)],
      responseFormat: { ...answer(PERSON), strict: false },
    });
    expect(tools).toMatchObject([{ strict: false, parameters: PERSON }]);
    expect(format).toMatchObject({ strict: false, schema: PERSON });
    expect([notes, nulls]).toEqual([[], undefined]);
  });

  it('F66 what no strict schema can say, or where nobody leaves out nulls, goes as it is, and is not strict', () => {
    for (const [schema, asks] of [[MAP, true] as const, [PERSON, false] as const]) {
      const { tools, format, notes } = encode({ tools: [tool(schema)], responseFormat: answer(schema) }, asks);
      expect(tools).toMatchObject([{ strict: false, parameters: schema }]);
      expect(format).toMatchObject({ strict: false, schema });
      expect([...notes].sort()).toEqual(['responseFormat.strict dropped', 'tools[0].strict dropped']);
    }
  });

  it('add no nulls to an answer that goes on with a text of the request, where nobody could find them', () => {
    const begun = [
      { role: 'user', content: [{ type: 'text', text: 'Go.' }] },
      { role: 'assistant', content: [{ type: 'text', text: '{"name":"A' }] },
    ] as const;
    const { tools, format } = encode({ messages: begun, tools: [tool(PERSON)], responseFormat: answer(PERSON) });
    expect(tools).toMatchObject([{ strict: true }]);
    expect(format).toMatchObject({ strict: false, schema: PERSON });
  });

  it('are the client’s own where they are strict already', () => {
    const closed = {
      type: 'object',
      properties: { a: { type: 'string' } },
      required: ['a'],
      additionalProperties: false,
    };
    const { tools, notes, nulls } = encode({ tools: [tool(closed)], responseFormat: answer(closed) });
    expect(tools).toMatchObject([{ strict: true, parameters: closed }]);
    expect([notes, nulls]).toEqual([[], undefined]);
  });

  it('are legal whatever comes, and leave their originals as they were', () => {
    let strict = 0;
    fc.assert(
      fc.property(anySchema(), (schema) => {
        const before = JSON.stringify(schema);
        const { tools, format } = encode({ tools: [tool(schema)], responseFormat: answer(schema) });
        const sent = [...tools.map(({ parameters, ...rest }) => ({ schema: parameters, ...rest })), format];
        for (const { strict: isStrict, schema: wire } of sent) {
          if (isStrict !== true) continue;
          strict++;
          expect(openaiRefusals(wire)).toEqual([]);
        }
        expect(JSON.stringify(schema)).toBe(before);
      }),
      { numRuns: 400 },
    );
    expect(strict).toBeGreaterThan(20);
  });
});
