import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import fc from 'fast-check';
import { chat, messages, router, TOOLS, targetWith, text, user, type Wire } from '../test/support.ts';

/** A request of every kind at once, under a name that fits the patterns of `models` and of background work. */
const EVERYTHING: Wire = {
  body: messages({
    model: 'claude-haiku',
    thinking: { type: 'adaptive' },
    tools: [...TOOLS, { type: 'web_search_20250305', name: 'web_search' }],
    messages: [
      user({ type: 'image', source: { type: 'url', url: 'https://host.example/a.png' } }),
      user(text('Your task is to create a detailed summary of the conversation so far.')),
    ],
  }),
  headers: { 'x-claude-code-agent-id': 'a1' },
};
const USUAL = ['webSearch', 'image', 'longContext', 'compact', 'subagent', 'background', 'think', 'models'];
const OPTIONS: Readonly<Record<string, JsonObject>> = {
  ...Object.fromEntries(USUAL.map((name) => [name, { [name]: `to/${name}` }])),
  longContext: { longContext: { target: 'to/longContext', thresholdTokens: 100 } },
  models: { models: { 'claude-*': 'to/models' } },
};
const optionsFor = (names: readonly string[]) => Object.assign({}, ...names.map((name) => OPTIONS[name])) as JsonObject;
const subagent = (model: string): Wire => ({
  body: messages({ model, thinking: { type: 'disabled' }, tools: TOOLS }),
  headers: { 'x-claude-code-agent-id': 'a1' },
});

describe('the order of the scenarios', () => {
  it('is the usual one unless the options say otherwise', async () => {
    for (const at of USUAL.keys()) {
      const [first] = USUAL.slice(at);
      expect(await targetWith(optionsFor(USUAL.slice(at)), EVERYTHING)).toBe(`to/${first}`);
    }
  });

  it('is what `order` says, then the usual one, whatever is configured', async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray(USUAL, { minLength: 1 }), fc.shuffledSubarray(USUAL), async (configured, order) => {
        const expected = [...order, ...USUAL].find((name) => configured.includes(name));
        expect(await targetWith({ ...optionsFor(configured), order }, EVERYTHING)).toBe(`to/${expected}`);
      }),
    );
  });

  it('stands in the reason, as far as it mattered', async () => {
    const decide = await router(optionsFor(['image', 'think', 'background']));
    expect((await decide(EVERYTHING)).reason).toBe(
      'image: there is an image in the conversation (image is asked before background, think)',
    );
    const last = await router(optionsFor(['background']));
    expect((await last(EVERYTHING)).reason).toBe('"claude-haiku" is background work ("*haiku*")');
  });

  it('ends at the first scenario that applies: what comes later is not read', async () => {
    const decide = await router(optionsFor(['subagent', 'think']));
    expect(await decide(EVERYTHING)).toMatchObject({ target: 'to/subagent', decodes: 0 });
  });
});

describe('names and scenarios', () => {
  const all = optionsFor(USUAL);

  it('lets a provider that the client names win', async () => {
    for (const model of ['from/claude-x', 'from,claude-x']) {
      const wire = { ...EVERYTHING, body: { ...EVERYTHING.body, model } };
      expect(await (await router(all))(wire)).toMatchObject({ target: 'from/claude-x', decodes: 0 });
    }
  });

  it('lets a name that is listed win', async () => {
    const models = { 'claude-*': 'to/models', 'claude-haiku': 'from/exactly' };
    expect(await (await router({ ...all, models }))(EVERYTHING)).toMatchObject({ target: 'from/exactly', decodes: 0 });
  });

  it('asks a pattern after the scenarios, background work among them, unless the order says otherwise', async () => {
    const both = optionsFor(['models', 'background']);
    expect(await targetWith(both, subagent('claude-haiku'))).toBe('to/background');
    expect(await targetWith(both, subagent('claude-opus'))).toBe('to/models');
    expect(await targetWith({ ...both, order: ['models'] }, subagent('claude-haiku'))).toBe('to/models');
    expect(await targetWith(optionsFor(['models', 'background', 'subagent']), subagent('claude-haiku'))).toBe(
      'to/subagent',
    );
  });

  it('lets a pattern that names small models itself say where they go, and no small job of others', async () => {
    const options = {
      background: 'to/background',
      models: { 'claude-*': 'to/models', 'claude-*haiku*': 'from/{model}', '*-tiny': 'to/tiny' },
      backgroundModels: ['*haiku*', '*tiny'],
    };
    const decide = await router(options);
    const ask = (model: string) => decide(subagent(model));
    expect(await ask('claude-haiku-4-5')).toMatchObject({
      target: 'from/claude-haiku-4-5',
      reason: expect.stringContaining('"claude-haiku-4-5" is background work ("claude-*haiku*" in models)'),
    });
    expect((await ask('some-tiny')).target).toBe('to/tiny');
    expect((await ask('my-haiku')).target).toBe('to/background');
    const title = messages({
      model: 'claude-opus',
      stream: true,
      system: [{ type: 'text', text: 'You are evaluating a stop-condition hook.' }],
    });
    expect((await decide({ body: title })).target).toBe('to/background');
  });

  it('knows a small model in any case of letters, under which thinking changes nothing', async () => {
    const thinks = { thinking: { type: 'adaptive' } };
    const decide = await router(optionsFor(['background', 'think']));
    expect((await decide({ body: messages({ model: 'Claude-Haiku-4.5', ...thinks }) })).target).toBe('to/background');
    expect((await decide({ body: messages({ model: 'claude-opus', ...thinks }) })).target).toBe('to/think');
  });

  it('sends the Explore subagent, which is both, where the order says', async () => {
    const both = optionsFor(['subagent', 'background']);
    expect(await targetWith(both, subagent('claude-haiku-4-5'))).toBe('to/subagent');
    expect(await targetWith({ ...both, order: ['background'] }, subagent('claude-haiku-4-5'))).toBe('to/background');
    expect(await targetWith({ ...both, order: ['background'] }, subagent('claude-opus'))).toBe('to/subagent');
  });
});

describe('a request that cannot be decoded', () => {
  const audio: Wire = {
    format: 'openai-chat',
    body: chat({
      reasoning_effort: 'high',
      messages: [{ role: 'user', content: [{ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } }] }],
    }),
  };

  it('goes on without the scenarios that need it, and says so', async () => {
    const decide = await router({
      ...optionsFor(['think', 'longContext']),
      longContext: { target: 'to/x', thresholdTokens: 1 },
    });
    expect(await decide(audio)).toEqual({
      target: 'to/default',
      reason: 'nothing else decides "gpt-x", whose contents could not be read: the default',
      decodes: 1,
    });
  });

  it('is no cover for a fault of the decoder', async () => {
    const decide = await router(optionsFor(['think']));
    await expect(decide({ ...EVERYTHING, fault: new TypeError('a bug') })).rejects.toThrow('a bug');
  });

  it('still goes by its header', async () => {
    const decide = await router(optionsFor(['think', 'background', 'subagent']));
    const wire = { ...audio, headers: { 'x-claude-code-agent-id': 'a1' } };
    expect((await decide(wire)).target).toBe('to/subagent');
  });
});

describe('the targets of scenarios', () => {
  it.each([
    [{ think: 'gone/x' }, 'think: no provider is called "gone"'],
    [{ longContext: { target: 'gone/x' } }, 'longContext.target: no provider is called "gone"'],
    [{ background: { target: 'gone/x' } }, 'background.target: no provider is called "gone"'],
    [{ image: 'vision' }, 'image: a target is written provider/model'],
    [{ subagent: 'to/*' }, 'has 1 *, and its pattern 0'],
  ])('%j stops the start', async (options, message) => {
    await expect(router(options as JsonObject)).rejects.toThrow(message);
  });
});
