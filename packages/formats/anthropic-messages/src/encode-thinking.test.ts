import { describe, expect, it } from '@jest/globals';
import type { ChatRequest, Message } from '@signalbox/kit';
import { decodeRequest, encode, request } from '../test/support.ts';

function sent(reasoning: ChatRequest['reasoning'], model: string, more: Partial<ChatRequest> = {}) {
  const { body, notes } = encode(request({ ...(reasoning === undefined ? {} : { reasoning }), ...more }), { model });
  const { thinking, output_config, max_tokens } = body;
  return { thinking, effort: (output_config as { effort?: string } | undefined)?.effort, max_tokens, notes };
}

const NEW = 'claude-opus-4-8';
const OLD = 'claude-haiku-4-5-20251001';

describe('reasoning of other clients', () => {
  it('F60 becomes adaptive thinking with its effort, visible', () => {
    expect(sent({ effort: 'xhigh' }, NEW)).toEqual({
      thinking: { type: 'adaptive', display: 'summarized' },
      effort: 'xhigh',
      max_tokens: 1000,
      notes: [],
    });
  });

  it.each([
    ['minimal', 2048],
    ['low', 4096],
    ['medium', 8192],
    ['high', 16384],
    ['xhigh', 32768],
  ] as const)('F60 becomes a budget for older models: %s', (effort, budget) => {
    const { thinking, max_tokens } = sent({ effort }, OLD);
    expect(thinking).toEqual({ type: 'enabled', budget_tokens: budget, display: 'summarized' });
    // The client's own limit stands on top of the budget, which it did not know of.
    expect(max_tokens).toBe(budget + 1000);
  });

  it('leaves a limit alone that has room for the budget', () => {
    expect(sent({ effort: 'low' }, OLD, { maxOutputTokens: 20_000 }).max_tokens).toBe(20_000);
  });

  it('raises a budget to the least one', () => {
    const { thinking, notes } = sent({ mode: 'budget', budgetTokens: 10 }, OLD, { maxOutputTokens: 5000 });
    expect(thinking).toMatchObject({ budget_tokens: 1024 });
    expect(notes).toEqual(['reasoning.budgetTokens approximated']);
  });

  it.each([
    [3000, 'low'],
    [8000, 'medium'],
    [20_000, 'high'],
    [40_000, 'xhigh'],
  ])('turns a budget of %d into effort where there are no budgets', (budgetTokens, effort) => {
    expect(sent({ mode: 'budget', budgetTokens }, NEW)).toMatchObject({ thinking: { type: 'adaptive' }, effort });
  });

  it.each([
    [NEW, { thinking: { type: 'disabled' }, effort: undefined }],
    ['claude-sonnet-5-5', { thinking: { type: 'between_tools' }, effort: undefined }],
    ['claude-fable-5', { thinking: undefined, effort: 'low' }],
  ])('switches thinking off as %s can', (model, expected) => {
    expect(sent({ effort: 'none' }, model)).toMatchObject(expected);
    expect(sent({ mode: 'disabled' }, model)).toMatchObject(expected);
  });

  it('says nothing where the client said nothing', () => {
    expect(sent(undefined, NEW)).toMatchObject({ thinking: undefined, effort: undefined });
  });
});

describe('reasoning of Anthropic clients', () => {
  const roundTrip = (more: object, model = 'some-model') =>
    encode(decodeRequest({ model, max_tokens: 9000, messages: [{ role: 'user', content: 'x' }], ...more }), { model });

  it.each([
    { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } },
    { thinking: { type: 'adaptive', display: 'omitted' } },
    { thinking: { type: 'enabled', budget_tokens: 4000 }, output_config: { effort: 'low' } },
    { thinking: { type: 'enabled', budget_tokens: 20_000, display: 'summarized' } },
    { thinking: { type: 'disabled' } },
    { thinking: { type: 'between_tools' } },
    { thinking: { type: 'something_new', depth: 3 } },
    { output_config: { effort: 'max', task_budget: { type: 'tokens', total: 5 } } },
    { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
    { output_config: { format: { type: 'grammar', text: 'x' } } },
  ])('F60 F62 comes out as it came in: %j', (more) => {
    const { body, notes } = roundTrip(more);
    expect({ thinking: body.thinking, output_config: body.output_config }).toEqual({
      thinking: undefined,
      output_config: undefined,
      ...more,
    });
    expect(notes).toEqual([]);
  });

  it('becomes what another Claude model takes', () => {
    expect(roundTrip({ thinking: { type: 'adaptive' } }, OLD).body.thinking).toEqual({
      type: 'enabled',
      budget_tokens: 16384,
    });
  });
});

describe('manual thinking in a tool turn', () => {
  const turn = (...first: Message['content']): Message[] => [
    { role: 'user', content: [{ type: 'text', text: 'x' }] },
    { role: 'assistant', content: [...first, { type: 'tool-call', id: 'i', name: 'f', input: {} }] },
    { role: 'user', content: [{ type: 'tool-result', callId: 'i', content: [] }] },
  ];
  const tools: ChatRequest['tools'] = [{ type: 'function', name: 'f' }];

  it('F73 is switched off where the turn’s reasoning is not this target’s', () => {
    const foreign = turn({ type: 'reasoning', text: 'hm', state: { origin: 'deepseek', data: 'x' } });
    for (const messages of [foreign, turn()]) {
      const { thinking, notes, max_tokens } = sent({ effort: 'low' }, OLD, { messages, tools });
      expect(thinking).toEqual({ type: 'disabled' });
      expect(max_tokens).toBe(1000);
      expect(notes).toContain('reasoning dropped');
    }
  });

  it('stays on where the turn starts with its own reasoning, or the turn is over', () => {
    const own = turn({ type: 'reasoning', text: 'hm', state: { origin: 'anthropic', data: 'sig' } });
    expect(sent({ effort: 'low' }, OLD, { messages: own, tools }).thinking).toMatchObject({ type: 'enabled' });
    const over: Message[] = [
      ...turn(),
      { role: 'assistant', content: [{ type: 'text', text: 'y' }] },
      ...turn().slice(0, 1),
    ];
    expect(sent({ effort: 'low' }, OLD, { messages: over, tools }).thinking).toMatchObject({ type: 'enabled' });
  });

  it('stays on in adaptive mode, which tolerates missing reasoning', () => {
    expect(sent({ effort: 'low' }, NEW, { messages: turn(), tools }).thinking).toMatchObject({ type: 'adaptive' });
  });
});
