import { describe, expect, it } from '@jest/globals';
import type { ChatRequest, JsonObject } from '@signalbox/kit';
import { agentRequest, userRequest } from '@signalbox/testkit';
import { decode, encode } from '../test/support.ts';
import { gemini, vertexDialect } from './index.ts';

const PRO25 = { model: 'gemini-2.5-pro' };
const G4 = { model: 'gemini-4-argon' };
const tool = (name: string, more: object = {}) => ({ type: 'function' as const, name, ...more });
const said = (text: string) => ({ type: 'text' as const, text });

describe('an agent’s turn', () => {
  it('F44 F47 F48 F49 F66 F69 F73 goes in Gemini’s words', () => {
    const { body, notes } = encode(agentRequest('m'));
    expect(body).toEqual({
      contents: [
        {
          role: 'user',
          parts: [{ text: 'Read both files.' }, { text: '<system-reminder>\nBe brief.\n</system-reminder>' }],
        },
        {
          role: 'model',
          parts: [
            { text: 'Reading.' },
            {
              functionCall: { id: 'toolu_1', name: 'Read', args: { path: 'a' } },
              thoughtSignature: 'skip_thought_signature_validator',
            },
            { functionCall: { id: 'toolu_2', name: 'Read', args: { path: 'b' } } },
          ],
        },
        {
          role: 'user',
          parts: [
            { functionResponse: { id: 'toolu_1', name: 'Read', response: { output: 'A' } } },
            { functionResponse: { id: 'toolu_2', name: 'Read', response: { error: 'no such file' } } },
            { text: 'Go on.' },
          ],
        },
      ],
      systemInstruction: { parts: [{ text: 'You are an agent.' }] },
      tools: [
        {
          functionDeclarations: [
            {
              name: 'Read',
              description: 'Reads a file.',
              parameters: { type: 'OBJECT', properties: { path: { type: 'STRING' } }, required: ['path'] },
            },
          ],
        },
      ],
      generationConfig: { maxOutputTokens: 32_000, thinkingConfig: { includeThoughts: true, thinkingLevel: 'HIGH' } },
    });
    expect(notes).toEqual([
      'dropped context_management',
      'dropped userId',
      'dropped system[0]',
      'dropped cacheControl',
      'approximated messages[1].content',
      'dropped messages[2].content[0]',
      'approximated messages',
    ]);
  });

  it('the same request gives the same bytes', () => {
    expect(JSON.stringify(encode(agentRequest('m')).body)).toBe(JSON.stringify(encode(agentRequest('m')).body));
  });

  it('Vertex AI gets no ids, and the order pairs calls and results', () => {
    const text = JSON.stringify(encode(agentRequest('m'), {}, gemini.with(vertexDialect)).body);
    expect(text).not.toContain('toolu_');
  });
});

describe('conversations', () => {
  it('F52 begin with the user, leave out empty text and never repeat a role', () => {
    const messages: ChatRequest['messages'] = [
      { role: 'assistant', content: [said('Hi!')] },
      { role: 'assistant', content: [said('')] },
      { role: 'user', content: [said(''), said('a')] },
      { role: 'user', content: [said('b')] },
    ];
    const { body } = encode(userRequest('m', { messages }));
    expect(body.contents).toEqual([
      { role: 'user', parts: [{ text: '.' }] },
      { role: 'model', parts: [{ text: 'Hi!' }] },
      { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] },
    ]);
  });

  it.each([
    ['gemini-3.8-flash', 2],
    ['gemini-4-argon', 3],
  ])('a last assistant message is continued, or asked for: %s', (name, turns) => {
    const messages: ChatRequest['messages'] = [
      { role: 'user', content: [said('x')] },
      { role: 'assistant', content: [said('Once')] },
    ];
    expect(encode(userRequest('m', { messages }), { model: name }).body.contents).toHaveLength(turns);
    expect(gemini.acceptsPrefill?.(name)).toBe(turns === 2);
  });

  it('Gemma has no system prompt', () => {
    const { body } = encode(userRequest('m', { system: [said('Be brief.')] }), { model: 'gemma-3-27b-it' });
    expect(body).toEqual({ contents: [{ role: 'user', parts: [{ text: 'Be brief.' }, { text: 'Hello.' }] }] });
  });
});

describe('parameters', () => {
  it('F67 the gateway enforces stop sequences over the fifth', () => {
    const { body, enforced, notes } = encode(userRequest('m', { stopSequences: ['a', 'b', '', 'c', 'd', 'e', 'f'] }));
    expect(body.generationConfig).toEqual({ stopSequences: ['a', 'b', 'c', 'd', 'e'] });
    expect(enforced).toEqual(['f']);
    expect(notes).toEqual(['mapped stopSequences']);
  });

  it('F67 a Chat client’s seed is Google’s, and its other fields are noted', () => {
    const extensions = { 'openai-chat': { seed: 7, logit_bias: { 1: 2 } }, another: { seed: 8 } };
    const { body, notes } = encode(userRequest('m', { extensions }));
    expect(body.generationConfig).toEqual({ seed: 7 });
    expect(notes).toEqual(['dropped logit_bias', 'dropped seed']);
  });

  it('F67 what a model does not heed is noted', () => {
    const sampled = userRequest('m', { temperature: 1, topP: 0.5, topK: 3 });
    expect(encode(sampled, G4).notes).toEqual(['dropped temperature', 'dropped topP', 'dropped topK']);
    expect(encode(sampled).body.generationConfig).toEqual({ temperature: 1, topP: 0.5, topK: 3 });
  });

  it('F62 a schema for the answer goes along, or into words where older models refuse it beside functions', () => {
    const responseFormat = {
      type: 'json-schema',
      schema: { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false, minProperties: 1 },
    } as const;
    const { body, notes } = encode(userRequest('m', { responseFormat }));
    expect(body.generationConfig).toEqual({
      responseMimeType: 'application/json',
      responseJsonSchema: { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false },
    });
    expect(notes).toEqual(['approximated responseFormat.schema']);
    const older = encode(userRequest('m', { responseFormat, tools: [tool('f')] }), PRO25);
    expect(older.body.generationConfig).toBeUndefined();
    expect(JSON.stringify(older.body.systemInstruction)).toContain('JSON Schema');
  });
});

describe('what only this format’s clients say', () => {
  const own = (more: JsonObject) => decode({ contents: [{ role: 'user', parts: [{ text: 'x' }] }], ...more });

  it('goes along as far as the server takes it', () => {
    const request = own({ safetySettings: [{ category: 'X' }], labels: { a: 'b' }, whatever: 1 });
    const here = encode(request);
    expect(here.body).toMatchObject({ safetySettings: [{ category: 'X' }] });
    expect(here.notes).toEqual(['dropped labels', 'dropped whatever']);
    expect(encode(request, {}, gemini.with(vertexDialect)).body).toMatchObject({ labels: { a: 'b' } });
  });

  it('is not second-guessed for a model that nothing is known of', () => {
    const generationConfig = { thinkingConfig: { thinkingBudget: 0, includeThoughts: false } };
    expect(encode(own({ generationConfig }), { model: 'my-own' })).toMatchObject({
      body: { generationConfig },
      notes: [],
    });
  });
});
