import { describe, expect, it } from '@jest/globals';
import { claudeTraits } from './claude-traits.ts';

describe('claudeTraits', () => {
  it.each([
    ['claude-3-5-sonnet-20241022', 'manual sampling prefill'],
    ['claude-sonnet-4-20250514', 'manual sampling prefill'],
    ['claude-haiku-4-5-20251001', 'manual sampling prefill'],
    ['anthropic/claude-sonnet-4.5', 'manual sampling prefill'],
    ['claude-sonnet-4-6', 'adaptive manual sampling'],
    ['claude-opus-4-8', 'adaptive system'],
    ['claude-sonnet-5', 'adaptive system'],
    ['claude-opus-5-5', 'adaptive system'],
    ['deepseek-chat', 'adaptive manual sampling prefill system'],
  ])('%s', (model, expected) => {
    const traits = claudeTraits(model);
    const words = [
      traits.adaptiveThinking && 'adaptive',
      traits.manualThinking && 'manual',
      traits.sampling && 'sampling',
      traits.prefill && 'prefill',
      traits.midConversationSystem && 'system',
    ];
    expect(words.filter(Boolean).join(' ')).toBe(expected);
  });

  it('knows which models always think and which cannot be forced', () => {
    expect(
      ['claude-fable-5', 'claude-opus-5-5', 'claude-opus-5'].map((model) => claudeTraits(model).disabledThinking),
    ).toEqual([false, false, true]);
    expect(
      ['claude-fable-5-1', 'claude-sonnet-5-5', 'claude-sonnet-5'].map((model) => claudeTraits(model).forcedToolChoice),
    ).toEqual([false, false, true]);
  });
});
