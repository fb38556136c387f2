import { describe, expect, it } from '@jest/globals';
import { type JsonObject, Notes } from '@signalbox/kit';
import { decode, encode } from '../test/support.ts';
import { gemini } from './index.ts';

const contents = (...list: JsonObject[]) => ({ contents: list });
const user = (text: string) => ({ role: 'user', parts: [{ text }] });

describe('a request', () => {
  it('is read in either spelling', () => {
    const request = decode({
      contents: [{ parts: [{ inline_data: { mime_type: 'image/png', data: 'AAAA' } }, { text: 'Hi.' }] }],
      system_instruction: { parts: [{ text: 'Be brief.' }] },
      tools: [
        {
          function_declarations: [
            { name: 'f_g', parameters: { type: 'OBJECT', properties: { a_b: { type: 'STRING' } } } },
          ],
        },
      ],
      tool_config: { function_calling_config: { mode: 'any', allowed_function_names: ['f_g', 'h'] } },
      generation_config: {
        max_output_tokens: 5,
        stop_sequences: ['x'],
        top_p: 0.5,
        thinking_config: { include_thoughts: true, thinking_budget: 9 },
      },
      safety_settings: [{ category: 'X' }],
    });
    expect(request).toMatchObject({
      model: 'asked-model',
      system: [{ text: 'Be brief.' }],
      messages: [{ role: 'user', content: [{ type: 'image', source: { mediaType: 'image/png' } }, { text: 'Hi.' }] }],
      tools: [{ name: 'f_g', inputSchema: { properties: { a_b: { type: 'string' } } } }],
      toolChoice: { type: 'allowed', mode: 'required', names: ['f_g', 'h'] },
      maxOutputTokens: 5,
      stopSequences: ['x'],
      topP: 0.5,
      reasoning: { mode: 'budget', budgetTokens: 9, display: 'summarized' },
      extensions: { gemini: { safetySettings: [{ category: 'X' }] } },
    });
  });

  it('has its model and its stream from the path, and counts what a count holds', () => {
    const inner = { model: 'models/inner', ...contents(user('x')), systemInstruction: 'Be brief.' };
    const counted = decode(
      { generateContentRequest: inner },
      { operation: 'count-tokens', model: 'a/b:c', stream: true },
    );
    expect(counted).toMatchObject({ model: 'a/b:c', stream: true, system: [{ text: 'Be brief.' }] });
    expect(() => gemini.decodeRequest(contents(user('x')), { headers: {}, notes: new Notes() })).toThrow('model');
  });

  it.each<[JsonObject, string]>([
    [{}, 'contents'],
    [contents({ role: 'system', parts: [] }), 'contents[0].role'],
    [contents({ role: 'user', parts: [{ functionCall: {} }] }), 'contents[0].parts[0].functionCall.name'],
    [{ ...contents(user('x')), tools: [{ functionDeclarations: [{}] }] }, 'tools[0].functionDeclarations[0].name'],
    [{ ...contents(user('x')), generationConfig: { temperature: 'warm' } }, 'generationConfig.temperature'],
    [{ ...contents(user('x')), generationConfig: { candidateCount: 2 } }, 'candidateCount'],
    [{ ...contents(user('x')), toolConfig: { functionCallingConfig: { mode: 'MAYBE' } } }, 'mode'],
  ])('F67 that cannot be read names the field: %j', (body, field) => {
    expect(() => decode(body)).toThrow(field);
  });

  it('F56 pairs results without ids by name and order, with ids that the same history always gives', () => {
    const call = (name: string) => ({ functionCall: { name, args: {} } });
    const result = (name: string, output: string) => ({ functionResponse: { name, response: { output } } });
    const body = contents(
      user('x'),
      { role: 'model', parts: [call('f'), call('g'), call('f')] },
      { role: 'function', parts: [result('g', '2')] },
      { role: 'user', parts: [result('f', '1'), result('f', '3')] },
    );
    const [, , results] = decode(body).messages;
    expect(results?.content).toMatchObject([
      { callId: 'call_gm_1_1', content: [{ text: '2' }] },
      { callId: 'call_gm_1_0', content: [{ text: '1' }] },
      { callId: 'call_gm_1_2', content: [{ text: '3' }] },
    ]);
    expect(decode(body)).toEqual(decode(body));
  });

  it('F78 that lives on Google’s own state goes nowhere else', () => {
    const refusal = (more: JsonObject) =>
      gemini.refusesElsewhere?.(decode({ ...contents(user('x')), ...more }))?.message;
    expect(refusal({ cachedContent: 'cachedContents/1' })).toContain('cachedContent');
    expect(refusal({ continuationToken: 'eA==' })).toContain('continuationToken');
    expect(refusal({ generationConfig: { responseModalities: ['TEXT', 'IMAGE'] } })).toContain('responseModalities');
    expect(refusal({ generationConfig: { responseModalities: ['TEXT'] } })).toBeUndefined();
  });
});

describe('what a plugin changed', () => {
  it('is encoded anew, and nothing of the original comes back', () => {
    const request = decode({
      ...contents(
        user('x'),
        { role: 'model', parts: [{ functionCall: { id: 'a', name: 'f', args: {} } }] },
        { role: 'user', parts: [{ functionResponse: { id: 'a', name: 'f', response: { secret: 'S' } } }] },
      ),
      tools: [
        {
          functionDeclarations: [
            { name: 'f', parameters: { type: 'OBJECT', title: 'S', properties: { a: { type: 'STRING' } } } },
          ],
        },
      ],
    });
    const changed = {
      ...request,
      messages: request.messages.map((message) => ({
        ...message,
        content: message.content.map((block) =>
          block.type === 'tool-result' ? { ...block, content: [{ type: 'text' as const, text: 'masked' }] } : block,
        ),
      })),
      tools: request.tools.map((tool) => ({
        ...tool,
        inputSchema: { type: 'object', properties: { b: { type: 'string' } } },
      })),
    } as typeof request;
    const { body } = encode(changed);
    expect(JSON.stringify(body)).not.toContain('"S"');
    expect(JSON.stringify(body)).toContain('{"output":"masked"}');
    expect(body.tools).toEqual([
      { functionDeclarations: [{ name: 'f', parameters: { type: 'OBJECT', properties: { b: { type: 'STRING' } } } }] },
    ]);
  });
});

describe('what clients make of the format', () => {
  it('F62 Gemini CLI: names of types in capitals in JSON Schema are those of JSON Schema, and go back as they were', () => {
    const nested = { type: ['STRING', 'null'], enum: ['STRING'] };
    const schema = {
      type: 'OBJECT',
      properties: {
        type: nested,
        list: { type: 'ARRAY', items: { anyOf: [{ type: 'INTEGER' }, { type: 'string' }] } },
      },
      required: ['type'],
    };
    const wire = {
      ...contents(user('x')),
      tools: [{ functionDeclarations: [{ name: 'f', parametersJsonSchema: schema }] }],
      generationConfig: { responseMimeType: 'application/json', responseJsonSchema: schema },
    };
    const before = JSON.stringify(wire);
    const request = decode(wire);
    const lowered = {
      type: 'object',
      properties: {
        type: { type: ['string', 'null'], enum: ['STRING'] },
        list: { type: 'array', items: { anyOf: [{ type: 'integer' }, { type: 'string' }] } },
      },
      required: ['type'],
    };
    expect(request.responseFormat).toEqual({ type: 'json-schema', schema: lowered });
    expect(request.tools).toMatchObject([{ inputSchema: lowered }]);
    expect(JSON.stringify(wire)).toBe(before);
    const { body } = encode(request);
    expect(body.tools).toEqual(wire.tools);
    expect(body.generationConfig).toEqual(wire.generationConfig);
  });

  it('F62 a JSON Schema without such names is the very one that was sent', () => {
    const schema = { type: 'object', properties: { OBJECT: { type: 'string' } } };
    const generationConfig = { responseJsonSchema: schema };
    const { responseFormat } = decode({ ...contents(user('x')), generationConfig });
    expect(responseFormat?.type === 'json-schema' && responseFormat.schema).toBe(schema);
  });

  it('F69 Gemini CLI: the word for a missing signature is no reasoning, and goes back to Google', () => {
    const call = {
      functionCall: { id: 'a', name: 'f', args: {} },
      thoughtSignature: 'skip_thought_signature_validator',
    };
    const result = { functionResponse: { id: 'a', name: 'f', response: { output: 'x' } } };
    const history = [user('x'), { role: 'model', parts: [call] }, { role: 'user', parts: [result] }];
    const request = decode(contents(...history));
    expect(request.messages[1]?.content.map(({ type }) => type)).toEqual(['tool-call']);
    expect(encode(request).body.contents).toEqual(history);
  });

  it.each<[JsonObject, string, boolean]>([
    [{ name: 'f', content: 'Sunny' }, 'Sunny', false],
    [{ name: 'f', error: 'No such city' }, 'No such city', true],
    [{ name: 'Ada', content: 'Sunny' }, '{"name":"Ada","content":"Sunny"}', false],
    [{ name: 'f', content: { sky: 'blue' } }, '{"name":"f","content":{"sky":"blue"}}', false],
    [{ name: 'f' }, '{"name":"f"}', false],
  ])('F66 the AI SDK: a result beside the name of its function is that result: %j', (response, said, isError) => {
    const history = [
      user('x'),
      { role: 'model', parts: [{ functionCall: { id: 'a', name: 'f', args: {} } }] },
      { role: 'user', parts: [{ functionResponse: { id: 'a', name: 'f', response } }] },
    ];
    const request = decode(contents(...history));
    expect(request.messages[2]?.content).toMatchObject([
      { type: 'tool-result', content: [{ type: 'text', text: said }], ...(isError ? { isError } : {}) },
    ]);
    expect((encode(request).body.contents as JsonObject[])[2]).toEqual(history[2]);
  });
});
