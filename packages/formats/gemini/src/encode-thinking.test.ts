import { describe, expect, it } from '@jest/globals';
import type { ChatRequest, JsonObject } from '@signalbox/kit';
import { userRequest } from '@signalbox/testkit';
import { encode } from '../test/support.ts';

describe('reasoning options', () => {
  it.each<[string, NonNullable<ChatRequest['reasoning']>, JsonObject | undefined, string[]]>([
    ['gemini-2.5-pro', { mode: 'disabled' }, { thinkingBudget: 128 }, ['approximated reasoning.mode']],
    ['gemini-2.5-flash', { mode: 'disabled' }, { thinkingBudget: 0 }, []],
    ['gemini-2.5-flash', { effort: 'none' }, { thinkingBudget: 0 }, []],
    ['gemini-2.5-flash', { mode: 'adaptive' }, { thinkingBudget: -1, includeThoughts: true }, []],
    [
      'gemini-2.5-flash-lite',
      { mode: 'budget', budgetTokens: 100 },
      { thinkingBudget: 512, includeThoughts: true },
      ['approximated reasoning.budgetTokens'],
    ],
    [
      'gemini-2.5-flash',
      { effort: 'max' },
      { thinkingBudget: 24_576, includeThoughts: true },
      ['approximated reasoning.effort'],
    ],
    [
      'gemini-3-pro-preview',
      { effort: 'medium' },
      { thinkingLevel: 'HIGH', includeThoughts: true },
      ['approximated reasoning.effort'],
    ],
    [
      'gemini-3.6-flash',
      { effort: 'minimal', display: 'omitted' },
      { thinkingLevel: 'MINIMAL', includeThoughts: false },
      [],
    ],
    ['gemini-3.8-flash', { mode: 'disabled' }, { thinkingLevel: 'LOW' }, ['approximated reasoning.mode']],
    ['gemini-3.8-flash', { mode: 'adaptive' }, { includeThoughts: true }, []],
    [
      'gemini-3.8-flash',
      { mode: 'budget', budgetTokens: 16_000 },
      { thinkingLevel: 'MEDIUM', includeThoughts: true },
      ['approximated reasoning.budgetTokens'],
    ],
    [
      'gemini-4-argon',
      { effort: 'xhigh' },
      { thinkingLevel: 'HIGH', includeThoughts: true },
      ['approximated reasoning.effort'],
    ],
    ['gemini-2.0-flash', { effort: 'high' }, undefined, ['dropped reasoning']],
  ])('F60 %s %j', (name, reasoning, thinkingConfig, notes) => {
    const sent = encode(userRequest('m', { reasoning }), { model: name });
    expect((sent.body.generationConfig as JsonObject | undefined)?.thinkingConfig).toEqual(thinkingConfig);
    expect(sent.notes).toEqual(notes);
  });
});
