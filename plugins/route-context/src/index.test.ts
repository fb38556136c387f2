import { describe, expect, it } from '@jest/globals';
import { errors, type JsonObject } from '@signalbox/kit';
import { applyPlugin, fakeHost } from '@signalbox/testkit';
import fc from 'fast-check';
import { chatPrompt, contexts, estimate, prompt, type Wire } from '../test/support.ts';
import context from './index.ts';

const LONG = prompt(8_000);
const NEED = estimate(LONG) + 100;

describe('a window that is too small', () => {
  it.each<[string, number, boolean]>([
    ['one token less', NEED - 1, false],
    ['exactly as many', NEED, true],
    ['one token more', NEED + 1, true],
  ])('begins at the boundary: %s', async (_, contextTokens, fits) => {
    const ask = await contexts({ 'a/x': { contextTokens } });
    const { targets } = await ask(['a/x', 'b/y'], LONG);
    expect(targets).toEqual(fits ? ['a/x', 'b/y'] : ['b/y']);
  });

  it('counts the margin, rounded up', async () => {
    const margined = Math.ceil((NEED - 100) * 1.1) + 100;
    for (const [contextTokens, expected] of [
      [margined - 1, ['b/y']],
      [margined, ['a/x', 'b/y']],
    ] as const) {
      const ask = await contexts({ 'a/x': { contextTokens } }, { margin: 1.1 });
      expect((await ask(['a/x', 'b/y'], LONG)).targets).toEqual(expected);
    }
  });

  it.each<[string, Wire, number]>([
    ['what the client asks for', prompt(8_000, { max_tokens: 700 }), 700],
    ['in Chat', chatPrompt(8_000, { max_completion_tokens: 700 }), 700],
    ['no more than the model can give', prompt(8_000, { max_tokens: 64_000 }), 1_000],
  ])('keeps a short answer free: %s', async (_, wire, reserved) => {
    const need = estimate(wire) + reserved;
    const at = async (contextTokens: number) => {
      const ask = await contexts({ 'a/x': { contextTokens, maxOutputTokens: 1_000 } }, { maxReservedTokens: 1_500 });
      return (await ask(['a/x', 'b/y'], wire)).targets;
    };
    expect([await at(need - 1), await at(need)]).toEqual([['b/y'], ['a/x', 'b/y']]);
  });

  it.each<[string, Wire, number, number]>([
    ['an eighth of a small window', prompt(8_000, { max_tokens: 64_000 }), 4_000, 500],
    ['4096 tokens of a large one', prompt(130_000, { max_tokens: 64_000 }), 100_000, 4_096],
    ['as much where the client asks for nothing', chatPrompt(130_000), 100_000, 4_096],
  ])('keeps so much free of its own accord: %s', async (_, wire, contextTokens, reserved) => {
    const fits = async (windowTokens: number) =>
      (await (await contexts({ 'a/x': { contextTokens: windowTokens } }))(['a/x', 'b/y'], wire)).targets?.[0] === 'a/x';
    const need = estimate(wire);
    // The eighth grows with the window.
    const least = reserved === 4_096 ? need + reserved : Math.ceil((need * 8) / 7);
    expect(reserved).toBe(Math.min(4_096, contextTokens / 8));
    expect([await fits(least - 2), await fits(least + 1)]).toEqual([false, true]);
  });

  it('keeps no more of it free than the options say', async () => {
    const ask = await contexts({ 'a/x': { contextTokens: NEED - 50 } }, { maxReservedTokens: 50 });
    expect((await ask(['a/x', 'b/y'], LONG)).kept).toBe(true);
    const all = await contexts({ 'a/x': { contextTokens: NEED + 60_000 } }, { maxReservedTokens: 1_000_000 });
    expect((await all(['a/x', 'b/y'], prompt(8_000, { max_tokens: 64_000 }))).targets).toEqual(['b/y']);
  });

  it('is skipped with a reason, and nothing else of the plan changes', async () => {
    const ask = await contexts({ 'a/x': { contextTokens: 1_000 }, 'b/y': { contextTokens: 50_000 } });
    const policy = { retry: { maxRetries: 3 }, moveOn: ['RATE_LIMITED'], hedge: { afterMs: 5 } };
    const { after } = await ask(['a/x', 'b/y', 'c/z'], LONG, policy);
    expect(after).toEqual({
      targets: [
        { provider: 'b', model: 'y' },
        { provider: 'c', model: 'z' },
      ],
      reason: `the router says so; without a/x, whose window of 1000 tokens is too small for about ${NEED - 100} and 100 for the answer`,
      ...policy,
    });
  });

  it('is nobody’s of whom nothing is known', async () => {
    const ask = await contexts({ 'a/x': {} });
    expect(await ask(['a/x', 'b/y'], LONG)).toMatchObject({ kept: true, decodes: 0 });
  });
});

describe('a prompt that fits nowhere', () => {
  const models = { 'a/x': { contextTokens: 1_000 }, 'b/y': { contextTokens: 2_000 }, 'c/z': { contextTokens: 9_000 } };

  it('F10 is refused in the words on which Claude Code compacts, with the largest window', async () => {
    const ask = await contexts(models);
    await expect(ask(['a/x', 'b/y'], LONG)).rejects.toMatchObject({
      code: 'CONTEXT_OVERFLOW',
      status: 400,
      retryable: false,
      message: `prompt is too long: ${NEED - 100} tokens > 1900 maximum`,
    });
  });

  it('moves up to the first larger one that is large enough, and says so', async () => {
    const ask = await contexts(models, { larger: { 'a/*': ['b/{model}', 'b/y', 'c/z'] } });
    const { targets, after } = await ask(['a/x'], LONG);
    expect(targets).toEqual(['b/x', 'c/z']);
    expect(after?.reason).toContain('the router says so; up to b/x, c/z (larger: "a/*"), without a/x, whose window');
    expect(after?.reason).toContain('b/y, whose window of 2000');
  });

  it('goes up by the model as asked for, too, and only if it has to', async () => {
    const ask = await contexts(models, { larger: { 'claude-*': ['c/z'] } });
    expect((await ask(['a/x'], LONG)).targets).toEqual(['c/z']);
    expect((await ask(['a/x', 'c/other'], LONG)).targets).toEqual(['c/other']);
    expect((await ask(['a/x'], prompt(10))).kept).toBe(true);
  });

  it('is refused where the larger one is too small as well', async () => {
    const ask = await contexts(models, { larger: { 'a/*': ['b/y'] } });
    await expect(ask(['a/x'], LONG)).rejects.toThrow(`prompt is too long: ${NEED - 100} tokens > 1900 maximum`);
  });
});

describe('an answer that has no room beside the prompt', () => {
  const asking = (max_tokens: number, more: JsonObject = {}) => prompt(8_000, { max_tokens, ...more });
  const PROMPT = estimate(LONG);

  it('F61 is asked for in part, with a note, at the targets where that is so', async () => {
    const ask = await contexts({ 'a/x': { contextTokens: 40_000 }, 'b/y': { contextTokens: 200_000 } });
    const { kept, sent } = await ask(['a/x', 'b/y'], asking(128_000));
    expect(kept).toBe(true);
    expect(await sent('b/y')).toEqual({ maxOutputTokens: 128_000, notes: [] });
    expect(await sent('a/x')).toEqual({
      maxOutputTokens: 40_000 - PROMPT,
      notes: [
        `128000 were asked for: beside the prompt the window of 40000 has no room for as many, so it gets ${40_000 - PROMPT}`,
      ],
    });
  });

  it('is asked for in full up to the last token that is free, else no more than a model can give', async () => {
    const fits = async (max_tokens: number, maxOutputTokens?: number) => {
      const known = { contextTokens: PROMPT + 5_000, ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }) };
      const { sent } = await (await contexts({ 'a/x': known }))(['a/x'], asking(max_tokens));
      return (await sent('a/x')).maxOutputTokens;
    };
    expect([await fits(5_000), await fits(5_001)]).toEqual([5_000, 5_000]);
    expect([await fits(64_000, 3_000), await fits(64_000, 5_001)]).toEqual([3_000, 5_000]);
    // Where there is room a model's own limit is for others.
    expect(await fits(5_000, 3_000)).toBe(5_000);
  });

  it('takes its thinking with it', async () => {
    const thinking = { type: 'enabled', budget_tokens: 30_000 };
    const ask = await contexts({ 'a/x': { contextTokens: PROMPT + 8_000 } });
    const { sent } = await ask(['a/x'], asking(32_000, { thinking }));
    expect((await sent('a/x')).notes).toEqual([
      expect.stringContaining('so it gets 8000'),
      'lowered from 30000 to 4000, within the limit',
    ]);
  });

  it('leaves other requests in their lane', async () => {
    const host = fakeHost();
    await applyPlugin(context, { larger: {} }, host);
    expect(host.taps.filter(({ hook }) => hook === 'transformIn')).toHaveLength(1);
  });
});

describe('the margin', () => {
  const PROMPT = estimate(LONG);
  const auto = { margin: undefined, maxReservedTokens: 0 };
  const at = (windowTokens: number) => contexts({ 'a/x': { contextTokens: windowTokens } }, auto);

  it('never leaves so little that no answer could be asked for', async () => {
    const asks = prompt(8_000, { max_tokens: 64_000 });
    const { targets, sent } = await (await at(Math.ceil(estimate(asks) * 1.1)))(['a/x'], asks);
    expect(targets).toEqual(['a/x']);
    expect((await sent('a/x')).maxOutputTokens).toBeGreaterThan(0);
  });

  it('covers what estimates are off by where nothing is known: such a target is the last', async () => {
    const most = Math.ceil(PROMPT * 1.27);
    expect((await (await at(most))(['a/x', 'b/y'], LONG)).kept).toBe(true);
    const { targets, after } = await (await at(most - 1))(['a/x', 'b/y'], LONG);
    expect(targets).toEqual(['b/y', 'a/x']);
    expect(after?.reason).toContain(
      `last a/x, whose window of ${most - 1} tokens may be too small for about ${PROMPT}`,
    );
  });

  it('refuses nothing that may fit', async () => {
    const least = Math.ceil(PROMPT * 1.05);
    expect((await (await at(least))(['a/x'], LONG)).kept).toBe(true);
    await expect((await at(least - 1))(['a/x'], LONG)).rejects.toThrow(
      `prompt is too long: ${PROMPT} tokens > ${PROMPT - 1} maximum`,
    );
    expect((await (await at(least))(['a/x'], prompt(8_000, { model: 'a/x' }))).kept).toBe(true);
  });

  it('moves up rather than try its luck', async () => {
    const ask = await contexts({ 'a/x': { contextTokens: PROMPT * 1.2 } }, { ...auto, larger: { 'a/*': ['c/z'] } });
    expect((await ask(['a/x'], LONG)).targets).toEqual(['c/z', 'a/x']);
  });

  it('follows what was reported: the worst of the last answers', async () => {
    const ask = await at(Math.ceil(PROMPT * 1.2));
    const isSure = async () => (await ask(['a/x', 'b/y'], LONG)).kept;
    const report = async (factor: number) =>
      (await ask(['a/x', 'b/y'], LONG)).answered('a/x', Math.round(PROMPT * factor));
    expect(await isSure()).toBe(false);
    for (let index = 0; index < 2; index++) await report(1.1);
    expect(await isSure()).toBe(false);
    await report(1.1);
    expect(await isSure()).toBe(true);
    await report(1.19);
    expect(await isSure()).toBe(false);
    for (let index = 0; index < 9; index++) await report(0.9);
    expect(await isSure()).toBe(false);
    await report(0.9);
    expect(await isSure()).toBe(true);
    await report(40);
    expect(await isSure()).toBe(true);
  });
});

describe('a target that the client named itself', () => {
  const models = { 'a/x': { contextTokens: 1_000 } };
  const named = (model: string) => prompt(8_000, { model });

  it.each(['a/x', 'a,x'])('%s is refused rather than left for a fallback', async (model) => {
    const ask = await contexts(models);
    await expect(ask(['a/x', 'b/y'], named(model))).rejects.toThrow('tokens > 900 maximum');
  });

  it('is left where `larger` says so', async () => {
    const ask = await contexts(models, { larger: { 'a/x': ['c/z'] } });
    expect((await ask(['a/x', 'b/y'], named('a/x'))).targets).toEqual(['c/z']);
  });

  it('loses only its fallbacks where it is large enough itself', async () => {
    const ask = await contexts({ 'b/y': { contextTokens: 1_000 } });
    expect((await ask(['a/x', 'b/y'], named('a/x'))).targets).toEqual(['a/x']);
  });

  it('is like any other once a route has sent it elsewhere', async () => {
    const ask = await contexts({ 'b/y': { contextTokens: 1_000 } });
    expect((await ask(['b/y', 'c/z'], named('a/x'))).targets).toEqual(['c/z']);
  });
});

describe('what is left alone', () => {
  it.each(['count-tokens', 'models'] as const)('%s', async (operation) => {
    const ask = await contexts({ 'a/x': { contextTokens: 10 } });
    expect(await ask(['a/x', 'b/y'], { ...LONG, operation })).toMatchObject({ kept: true, decodes: 0 });
  });

  it('a request that cannot be decoded, but no fault of the decoder', async () => {
    const ask = await contexts({ 'a/x': { contextTokens: 10 } });
    expect((await ask(['a/x'], { ...LONG, fault: errors.unsupported('audio') })).kept).toBe(true);
    await expect(ask(['a/x'], { ...LONG, fault: new RangeError('a bug') })).rejects.toThrow('a bug');
  });
});

describe('what it costs', () => {
  const decodesFor = async (wire: Wire, contextTokens: number) =>
    (await (await contexts({ 'a/x': { contextTokens } }))(['a/x', 'b/y'], wire)).decodes > 0;

  it('decodes only where the bytes and the limit of the answer leave it open', async () => {
    expect(await decodesFor(LONG, 9_000)).toBe(false);
    expect(await decodesFor(LONG, 8_000)).toBe(true);
    expect(await decodesFor(prompt(8_000, { max_tokens: 60_000 }), 60_000)).toBe(true);
    expect(await decodesFor(prompt(8_000, { max_tokens: 6e4 }), 70_000)).toBe(false);
    expect(await decodesFor(chatPrompt(8_000, { max_completion_tokens: 60_000 }), 60_000)).toBe(true);
    expect(await decodesFor(chatPrompt(8_000), 9_000)).toBe(true);
    expect(await decodesFor(chatPrompt(8_000), 9_400)).toBe(false);
  });

  it('decodes what holds media', async () => {
    const image = { type: 'image', source: { type: 'url', url: 'https://host.example/a.png' } };
    expect(await decodesFor(prompt(0, { messages: [{ role: 'user', content: [image] }] }), 90_000)).toBe(true);
  });

  it('decides as the estimate does, whatever the bytes say', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 300 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: 1, max: 1_500 }),
        async (texts, max_tokens, contextTokens) => {
          const messages = texts.map((content) => ({ role: 'user', content }));
          const wire = prompt(0, { messages, max_tokens } as JsonObject);
          const ask = await contexts({ 'a/x': { contextTokens } });
          const { targets } = await ask(['a/x', 'b/y'], wire);
          const reserved = Math.min(max_tokens, Math.floor(contextTokens / 8));
          expect(targets).toEqual(estimate(wire) + reserved > contextTokens ? ['b/y'] : ['a/x', 'b/y']);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('a configuration that cannot work', () => {
  it('names what is wrong with it', async () => {
    await expect(contexts({}, { larger: { 'a/*': ['gone/x'] } })).rejects.toThrow(
      'larger["a/*"][0]: no provider is called "gone"',
    );
    await expect(applyPlugin(context, { larger: { x: ['gpt'] }, margin: 1 }, fakeHost())).rejects.toThrow(
      'larger["x"][0]: a target is written provider/model',
    );
  });
});
