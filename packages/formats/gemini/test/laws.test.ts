import { describe, expect, it } from '@jest/globals';
import { type JsonObject, SignalboxError } from '@signalbox/kit';
import fc from 'fast-check';
import { decode, encode } from './support.ts';

const word = fc.stringMatching(/^[a-z][a-z_]{0,8}$/);
const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const base64 = fc.base64String({ minLength: 4, maxLength: 12 });
const args = fc.dictionary(word, fc.oneof(text, fc.integer(), fc.constant(null), fc.array(fc.boolean())), {
  maxKeys: 3,
  noNullPrototype: true,
}) as fc.Arbitrary<JsonObject>;
/** Objects with any of these fields. */
const some = (shape: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<JsonObject> =>
  fc.record(shape, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;

const userPart: fc.Arbitrary<JsonObject> = fc.oneof(
  text.map((said) => ({ text: said })),
  fc
    .record({ mimeType: fc.constantFrom('image/png', 'application/pdf', 'audio/mp3'), data: base64 })
    .map((inlineData) => ({ inlineData })),
  fc.constantFrom<JsonObject>(
    { fileData: { mimeType: 'image/png', fileUri: 'https://example.com/a.png' } },
    { fileData: { mimeType: 'application/pdf', fileUri: 'gs://bucket/a.pdf' } },
    { fileData: { mimeType: 'video/mp4', fileUri: 'https://youtu.be/x' }, videoMetadata: { fps: 2 } },
    { inlineData: { mimeType: 'image/png', data: 'AAAA', displayName: 'a.png' }, mediaResolution: { level: 'X' } },
  ),
);
const modelPart: fc.Arbitrary<JsonObject> = fc.oneof(
  text.map((said) => ({ text: said })),
  fc.tuple(text, base64).map(([said, thoughtSignature]) => ({ text: said, thought: true, thoughtSignature })),
  fc.tuple(text, base64).map(([said, thoughtSignature]) => ({ text: said, thoughtSignature })),
  base64.map((thoughtSignature) => ({ text: '', thoughtSignature })),
  fc.constant<JsonObject>({ executableCode: { language: 'PYTHON', code: '1' } }),
  base64.map((thoughtSignature) => ({ inlineData: { mimeType: 'image/png', data: 'AAAA' }, thoughtSignature })),
);
const call = fc.record({
  name: word,
  args,
  response: args,
  withId: fc.boolean(),
  signature: fc.option(base64, { nil: undefined }),
});

/** One turn of the user and one of the model; calls are answered by what follows. */
const step = fc.record({
  said: fc.array(userPart, { minLength: 1, maxLength: 2 }),
  parts: fc.array(modelPart, { minLength: 1, maxLength: 3 }),
  calls: fc.array(call, { maxLength: 3 }),
});

const contents = fc
  .tuple(fc.array(step, { maxLength: 3 }), fc.array(userPart, { minLength: 1, maxLength: 2 }))
  .map(([steps, last]) => {
    const out: { role: string; parts: JsonObject[] }[] = [];
    let answers: JsonObject[] = [];
    steps.forEach(({ said, parts, calls }, at) => {
      out.push({ role: 'user', parts: [...answers, ...said] });
      const ids = calls.map(({ withId }, index) => (withId ? { id: `c${at}_${index}` } : {}));
      const made = calls.map(({ name, args, signature }, index) => ({
        functionCall: { ...ids[index], name, args },
        ...(index === 1 ? { partMetadata: { note: 1 } } : {}),
        ...(signature === undefined ? {} : { thoughtSignature: signature }),
      }));
      answers = calls.map(({ name, response }, index) => ({
        functionResponse: { ...ids[index], name, response, ...(index === 1 ? { scheduling: 'SILENT' } : {}) },
      }));
      out.push({ role: 'model', parts: [...parts, ...made] });
    });
    out.push({ role: 'user', parts: [...answers, ...last] });
    return out;
  });

const tools = fc.uniqueArray(word, { minLength: 1, maxLength: 3 }).chain((names) =>
  fc
    .tuple(
      ...names.map((name) =>
        some({
          description: text,
          parameters: fc.constantFrom<JsonObject>(
            { type: 'OBJECT', properties: { a: { type: 'STRING', nullable: true } }, propertyOrdering: ['a'] },
            { type: 'OBJECT', properties: { n: { type: 'INTEGER', minimum: 1, format: 'int32' } }, required: ['n'] },
          ),
          behavior: fc.constant('BLOCKING'),
        }).map((more) => ({ name, ...more })),
      ),
    )
    .map((functionDeclarations) => [{ functionDeclarations }, { codeExecution: {} }]),
);

const body = fc
  .record({
    contents,
    more: some({
      systemInstruction: text.map((said) => ({ parts: [{ text: said }] })),
      tools: tools,
      safetySettings: fc.constant([{ category: 'X' }]),
      cachedContent: word,
    }),
    generationConfig: some({
      temperature: fc.constantFrom(0, 0.5, 2),
      topP: fc.constant(0.5),
      topK: fc.nat(),
      maxOutputTokens: fc.nat(),
      stopSequences: fc.array(text, { minLength: 1, maxLength: 5 }),
      seed: fc.nat(),
      responseMimeType: fc.constant('application/json'),
      thinkingConfig: fc.constantFrom<JsonObject>(
        { thinkingBudget: 0 },
        { thinkingBudget: -1, includeThoughts: true },
        { thinkingBudget: 99 },
        { thinkingLevel: 'HIGH', includeThoughts: false },
      ),
    }),
  })
  .map(
    ({ contents, more, generationConfig }): JsonObject => ({
      contents,
      ...more,
      ...(Object.keys(generationConfig).length === 0 ? {} : { generationConfig }),
    }),
  );

describe('laws', () => {
  it('what a client of this format says comes out as it was said', () => {
    fc.assert(
      fc.property(body, (wire) => {
        const sent = encode(decode(wire), { model: 'a-model-of-their-own' });
        expect(sent.body).toEqual(wire);
        expect(sent.notes).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('whatever the order of turns, every call is answered right after it, in its order', () => {
    const shuffled = fc.tuple(body, fc.infiniteStream(fc.nat())).map(([wire, random]) => {
      const request = decode(wire);
      return {
        ...request,
        extensions: {},
        messages: request.messages.filter(() => Number(random.next().value) % 3 > 0),
      };
    });
    fc.assert(
      fc.property(shuffled, (request) => {
        let sent: JsonObject;
        try {
          sent = encode(request).body;
        } catch (error) {
          // Files of Google's go back to Google only; the rest of the request may still be refused for them.
          expect(SignalboxError.is(error)).toBe(true);
          return;
        }
        const turns = sent.contents as { role: string; parts: JsonObject[] }[];
        expect(turns[0]?.role).toBe('user');
        turns.forEach(({ role, parts }, index) => {
          expect(parts.length).toBeGreaterThan(0);
          if (index > 0) expect(turns[index - 1]?.role).not.toBe(role);
          const named = (key: string, list: JsonObject[]) =>
            list.flatMap((part) => (part[key] === undefined ? [] : [(part[key] as JsonObject).name]));
          const answers = named('functionResponse', parts);
          expect(answers).toEqual(index === 0 ? [] : named('functionCall', turns[index - 1]?.parts ?? []));
          if (role === 'user')
            expect(parts.slice(0, answers.length).every((part) => part.functionResponse !== undefined)).toBe(true);
        });
      }),
      { numRuns: 300 },
    );
  });

  it('arbitrary JSON is a request or an error of ours', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    const part = some({
      text: value,
      functionCall: value,
      functionResponse: value,
      inlineData: value,
      fileData: value,
      thoughtSignature: value,
      thought: value,
    });
    const odd = some({
      contents: fc.oneof(
        value,
        fc.array(fc.record({ role: fc.constantFrom('user', 'model', 'x'), parts: fc.oneof(value, fc.array(part)) })),
      ),
      systemInstruction: value,
      tools: fc.oneof(
        value,
        fc.array(
          some({
            functionDeclarations: fc.oneof(value, fc.array(some({ name: word, parameters: value }))),
          }),
        ),
      ),
      toolConfig: fc.oneof(value, some({ functionCallingConfig: value })),
      generationConfig: fc.oneof(value, some({ thinkingConfig: value, responseSchema: value, stopSequences: value })),
      generateContentRequest: value,
    });
    fc.assert(
      fc.property(odd, fc.constantFrom('chat' as const, 'count-tokens' as const), (wire, operation) => {
        try {
          encode(decode(wire, { operation }));
        } catch (error) {
          if (!SignalboxError.is(error)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });
});
