import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import fc from 'fast-check';
import { chat, messages, router, targetWith, type Wire } from '../../test/support.ts';

const thinks = async (wire: Wire, options: JsonObject = {}) =>
  (await targetWith({ think: { target: 'to/think', ...options } }, wire)) === 'to/think';
const claude = (thinking: JsonObject | undefined, effort?: string): Wire => ({
  body: messages({
    ...(thinking === undefined ? {} : { thinking }),
    ...(effort === undefined ? {} : { output_config: { effort } }),
  }),
});
const ADAPTIVE = { type: 'adaptive' };
const DISABLED = { type: 'disabled' };

describe('think in Messages', () => {
  it.each<[string, Wire, boolean]>([
    ['adaptive', claude(ADAPTIVE), true],
    ['adaptive with an effort', claude(ADAPTIVE, 'low'), true],
    ['a budget', claude({ type: 'enabled', budget_tokens: 1024 }), true],
    ['disabled', claude(DISABLED), false],
    ['disabled with a high effort', claude(DISABLED, 'max'), false],
    ['nothing said', claude(undefined), false],
    ['nothing but an effort, which is of the whole answer', claude(undefined, 'max'), false],
    [
      'a conversation about "thinking"',
      { body: messages({ messages: [{ role: 'user', content: 'thinking' }] }) },
      false,
    ],
  ])('%s', async (_, wire, expected) => {
    expect(await thinks(wire)).toBe(expected);
  });

  it.each([
    ['low', false],
    ['medium', false],
    ['high', true],
    ['xhigh', true],
    [undefined, true],
  ])('adaptive with effort %s, where high is the least', async (effort, expected) => {
    expect(await thinks(claude(ADAPTIVE, effort), { minEffort: 'high' })).toBe(expected);
  });

  it('counts budgets from the smallest one that is configured', async () => {
    const decide = await router({ think: { target: 'to/think', minBudgetTokens: 8000 } });
    const budget = async (budget_tokens: number) =>
      (await decide(claude({ type: 'enabled', budget_tokens }, 'max'))).target;
    expect([await budget(7999), await budget(8000), await budget(8001)]).toEqual([
      'to/default',
      'to/think',
      'to/think',
    ]);
    await fc.assert(
      fc.asyncProperty(fc.nat(20_000), async (tokens) => {
        expect(await budget(tokens)).toBe(tokens >= 8000 ? 'to/think' : 'to/default');
      }),
      { numRuns: 40 },
    );
  });

  it('decodes nothing that has no thinking in it', async () => {
    const decide = await router({ think: 'to/think' });
    expect((await decide(claude(undefined, 'high'))).decodes).toBe(0);
    expect((await decide(claude(ADAPTIVE))).decodes).toBe(1);
  });

  it('says how it thinks', async () => {
    const decide = await router({ think: 'to/think' });
    expect((await decide(claude(ADAPTIVE))).reason).toBe('think: it thinks as much as the model wants');
    expect((await decide(claude(ADAPTIVE, 'high'))).reason).toBe('think: it thinks with effort high');
    expect((await decide(claude({ type: 'enabled', budget_tokens: 2000 }))).reason).toContain('for 2000 tokens');
  });
});

describe('think in Chat', () => {
  it.each<[JsonObject, boolean]>([
    [{ reasoning_effort: 'high' }, true],
    [{ reasoning_effort: 'low' }, true],
    [{ reasoning_effort: 'minimal' }, false],
    [{ reasoning_effort: 'none' }, false],
    [{ reasoning: { max_tokens: 2000 } }, true],
    [{ reasoning: { enabled: true } }, true],
    [{ reasoning: { enabled: false, effort: 'high' } }, false],
    [{ thinking: { type: 'enabled' } }, true],
    [{ thinking: { type: 'disabled' }, reasoning_effort: 'high' }, false],
    [{ enable_thinking: true }, true],
    [{ chat_template_kwargs: { enable_thinking: true } }, true],
    [{ chat_template_kwargs: { thinking: true } }, true],
    [{ chat_template_kwargs: { enable_thinking: false } }, false],
    [{ chat_template_kwargs: { enable_thinking: true }, reasoning_effort: 'minimal' }, false],
    [{}, false],
  ])('%j', async (more, expected) => {
    expect(await thinks({ body: chat(more), format: 'openai-chat' })).toBe(expected);
  });

  it('takes minimal effort where that is configured', async () => {
    const wire: Wire = { body: chat({ reasoning_effort: 'minimal' }), format: 'openai-chat' };
    expect(await thinks(wire, { minEffort: 'minimal' })).toBe(true);
  });
});
