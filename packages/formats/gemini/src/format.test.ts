import { describe, expect, it } from '@jest/globals';
import { frames, replyOf } from '../test/support.ts';
import { decodeModels, gemini, geminiTraits } from './index.ts';

const recognises = (path: string, headers = {}) => gemini.recognises({ method: 'POST', path, headers });

describe('its clients', () => {
  it.each([
    ['/v1beta/models/x:generateContent', {}, true],
    ['/v1beta/models', {}, true],
    ['/v1beta/a/b:c:generateContent', {}, true],
    ['/v1beta/a/b', {}, false],
    ['/v1/models/a/b:c:streamGenerateContent', {}, true],
    ['/v1/models', { 'x-goog-api-key': 'k' }, true],
    ['/v1/models', { 'x-goog-api-client': 'google-genai-sdk/2' }, true],
    ['/v1/models', {}, false],
    ['/v1/models/x', { authorization: 'Bearer k' }, false],
    ['/v1/chat/completions', {}, false],
  ])('%s %j', (path, headers, expected) => {
    expect(recognises(path, headers)).toBe(expected);
  });
});

describe('models', () => {
  it('are listed with their limits and read back', () => {
    const models = [
      {
        id: 'gemini/gemini-3.8-flash',
        displayName: 'Flash',
        contextTokens: 1_048_576,
        maxOutputTokens: 65_536,
        capabilities: { reasoning: true },
      },
      { id: 'x' },
    ];
    const page = gemini.encodeModels(models);
    expect(page).toMatchObject({
      models: [
        {
          name: 'models/gemini/gemini-3.8-flash',
          displayName: 'Flash',
          inputTokenLimit: 1_048_576,
          outputTokenLimit: 65_536,
          thinking: true,
        },
        { name: 'models/x', displayName: 'x' },
      ],
    });
    expect(decodeModels(page).models).toMatchObject([models[0], { id: 'x' }]);
  });

  it('that cannot chat are left out', () => {
    const page = {
      models: [{ name: 'models/embed', supportedGenerationMethods: ['embedContent'] }, { name: 'models/a' }, 'odd', {}],
      nextPageToken: 'p2',
    };
    expect(decodeModels(page)).toEqual({ models: [{ id: 'a', ownedBy: 'google' }], nextPageToken: 'p2' });
  });

  it.each([
    ['gemini-2.0-flash', 'none', true, false],
    ['models/gemini-2.5-flash-lite', 'budget', true, false],
    ['gemini-3-pro-preview', 'level', true, true],
    ['google/gemini-4.1-neon', 'level', true, true],
    ['gemini-flash-latest', 'level', false, true],
    ['gemma-3-27b-it', 'none', true, false],
  ] as const)('%s thinks by %s', (model, thinking, known, needsSignatures) => {
    expect(geminiTraits(model)).toMatchObject({ thinking, known, needsSignatures });
  });
});

it('F26 F27 counts tokens in its own words', () => {
  expect(gemini.encodeTokenCount?.(7)).toEqual({ totalTokens: 7 });
  expect(gemini.decodeTokenCount?.({ totalTokens: 7, promptTokensDetails: [] })).toBe(7);
  expect(gemini.decodeTokenCount?.({})).toBeUndefined();
});

describe('the relay', () => {
  const run = (wire: string, echoModel?: string) => {
    const relay = gemini.createStreamRelay({ echoModel });
    const out = Buffer.concat([Buffer.from(relay.push(Buffer.from(wire))), Buffer.from(relay.end())]).toString();
    return { relay, out };
  };

  it('commits on the first part that says something', () => {
    const relay = gemini.createStreamRelay({ echoModel: undefined });
    relay.push(Buffer.from(frames({ modelVersion: 'm' }, replyOf([{ text: '' }], {}))));
    expect(relay.committed).toBe(false);
    relay.push(Buffer.from(frames(replyOf([{ functionCall: { name: 'f' } }], {}))));
    expect([relay.committed, relay.finished]).toEqual([true, false]);
  });

  it('keeps what a later report of usage leaves out', () => {
    const { relay } = run(
      frames(
        { ...replyOf([{ text: 'x' }], {}), usageMetadata: { promptTokenCount: 3, thoughtsTokenCount: 2 } },
        { ...replyOf([]), usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 5 } },
      ),
    );
    expect(relay.usage).toEqual({ promptTokens: 3, completionTokens: 5, reasoningTokens: 2 });
    expect(relay.finished).toBe(true);
  });

  it('has the last usage that went by, however the stream ends', () => {
    const counted = (candidatesTokenCount: number) => ({
      ...replyOf([{ text: '"finishReason": "STOP"' }], {}),
      usageMetadata: { promptTokenCount: 3, candidatesTokenCount },
    });
    const cut = run(frames(counted(1), counted(2), counted(3), replyOf([{ text: 'x' }], {}))).relay;
    expect([cut.committed, cut.finished, cut.error]).toEqual([true, false, undefined]);
    expect(cut.usage).toEqual({ promptTokens: 3, completionTokens: 3 });
    const { relay } = run(frames(counted(1), counted(2), replyOf([])));
    expect(relay.finished).toBe(true);
    expect(relay.usage).toEqual({ promptTokens: 3, completionTokens: 2 });
  });

  it.each([
    [
      'a frame',
      frames(replyOf([{ text: 'x' }], {}), { error: { code: 503, message: 'Busy.' } }),
      'PROVIDER_OVERLOADED',
      true,
    ],
    ['bare lines', `${frames(replyOf([{ text: 'x' }], {}))}{\n"error": {"code": 429}\n}\n`, 'RATE_LIMITED', true],
    ['a broken frame', `${frames(replyOf([{ text: 'x' }], {}))}data: {"candi\n\n`, 'MALFORMED_REPLY', false],
    ['a word for a failure', frames(replyOf([], { finishReason: 'MALFORMED_FUNCTION_CALL' })), 'MALFORMED_REPLY', true],
    ['no content', frames(replyOf([])), 'EMPTY_REPLY', true],
  ])('F15 F17 sees an error in %s', (_name, wire, code, shown) => {
    const { relay, out } = run(wire);
    expect([relay.error?.code, relay.errorShown, relay.finished]).toEqual([code, shown, false]);
    expect(out).toBe(wire);
  });

  it('echoes the model, wherever arguments name one', () => {
    const wire = frames({
      ...replyOf([{ functionCall: { name: 'f', args: { modelVersion: 'mine' } } }]),
      modelVersion: 'upstream-001',
    });
    const { out } = run(wire, 'asked');
    expect(out).toBe(wire.replace('upstream-001', 'asked'));
  });
});
