import { describe, expect, it } from '@jest/globals';
import { type ChatRequest, type JsonObject, Notes } from '@signalbox/kit';
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
      'mapped userId',
      'mapped system[0]',
      'mapped system[1].cacheControl',
      'approximated messages[1]',
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

  it('a last message without content is no prefill: the user has spoken', () => {
    const { body, notes } = encode(
      userRequest('m', {
        messages: [
          { role: 'user', content: [said('Go')] },
          { role: 'assistant', content: [said('Done.')] },
          { role: 'user', content: [said('')] },
        ],
      }),
    );
    expect((body.contents as JsonObject[]).slice(1)).toEqual([
      { role: 'model', parts: [{ text: 'Done.' }] },
      { role: 'user', parts: [{ text: '.' }] },
    ]);
    expect(notes).toContain('approximated messages[2]');
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
      responseJsonSchema: {
        type: 'object',
        properties: { a: { type: 'string' } },
        additionalProperties: false,
        description: '(minProperties: 1)',
      },
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
    expect(here.notes).toEqual(['mapped labels', 'dropped whatever']);
    expect(encode(request, {}, gemini.with(vertexDialect)).body).toMatchObject({ labels: { a: 'b' } });
  });

  const left = (more: JsonObject): string[] => {
    const notes = new Notes();
    notes.foreignExtensions(own(more).extensions, 'another', '');
    return notes.list.map(({ action, path }) => `${action} ${path}`);
  };

  it('is named by other formats as far as it is lost, and comes back to this one', () => {
    const said = {
      generationConfig: {
        seed: 7,
        presencePenalty: 0,
        responseModalities: ['TEXT'],
        mediaResolution: 'MEDIA_RESOLUTION_LOW',
        thinkingConfig: { includeThoughts: true, odd: 1 },
        candidateCount: 1,
      },
      toolConfig: { retrievalConfig: { languageCode: 'de' }, functionCallingConfig: { mode: 'VALIDATED', odd: 2 } },
      tools: [{ functionDeclarations: [{ name: 'f' }] }],
      serviceTier: 'standard',
      safetySettings: [{ category: 'X', threshold: 'BLOCK_NONE' }],
    };
    expect(left(said)).toEqual([
      'mapped safetySettings',
      'dropped generationConfig.seed',
      'dropped generationConfig.mediaResolution',
      'dropped generationConfig.thinkingConfig.odd',
      'dropped toolConfig.retrievalConfig',
      'dropped toolConfig.functionCallingConfig.odd',
      'dropped toolConfig.functionCallingConfig.mode',
    ]);
    expect(encode(own(said)).body).toMatchObject(said);
  });

  it('is said of other formats’ clients, too, where they have the same', () => {
    const chat = encode(userRequest('m', { extensions: { 'openai-chat': { seed: 3 } } }));
    const local = encode(userRequest('m', { extensions: { ollama: { 'options.seed': 4, 'options.min_p': 0.1 } } }));
    expect([chat.body.generationConfig, chat.notes]).toMatchObject([{ seed: 3 }, []]);
    expect([local.body.generationConfig, local.notes]).toMatchObject([{ seed: 4 }, ['dropped options.min_p']]);
  });

  it('is not second-guessed for a model that nothing is known of', () => {
    const generationConfig = { thinkingConfig: { thinkingBudget: 0, includeThoughts: false } };
    expect(encode(own({ generationConfig }), { model: 'my-own' })).toMatchObject({
      body: { generationConfig },
      notes: [],
    });
  });
});
