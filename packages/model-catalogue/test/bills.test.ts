import { describe, expect, it } from '@jest/globals';
import { anthropicMessages } from '@signalbox/format-anthropic-messages';
import { openaiChat } from '@signalbox/format-openai-chat';
import { costOf, type Format, type JsonObject, Notes, ToolNames } from '@signalbox/kit';
import { readPinned } from '../src/pinned.ts';

const pinned = readPinned(new Date('2026-11-22T12:00:00Z'));

/** What an answer of this provider costs, from the usage that stands in its body. */
function bill(format: Format, provider: string, model: string, body: JsonObject): number | undefined {
  const target = {
    model,
    notes: new Notes(),
    toolNames: new ToolNames(),
    reasoningOrigin: provider,
    enforceStopSequences: () => {},
  };
  const { usage = {} } = format.decodeReply(body, target);
  return costOf(usage, pinned.get(provider)?.models.get(model)?.prices ?? {});
}

const anthropicReply = (usage: JsonObject): JsonObject => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [{ type: 'text', text: 'Hi' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage,
});
const chatReply = (usage?: JsonObject): JsonObject => ({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  ...(usage === undefined ? {} : { usage }),
});

describe('a bill, from the provider’s own words to USD', () => {
  it('F31 adds Anthropic’s three parts of a prompt', () => {
    const usage = {
      input_tokens: 31,
      cache_creation_input_tokens: 500,
      cache_read_input_tokens: 2048,
      output_tokens: 118,
      output_tokens_details: { thinking_tokens: 40 },
    };
    expect(bill(anthropicMessages, 'anthropic', 'claude-opus-5-5', anthropicReply(usage))).toBeCloseTo(
      (31 * 4 + 500 * 5 + 2048 * 0.2 + 118 * 20) / 1e6,
      12,
    );
  });

  it('F31 takes OpenAI’s cached tokens out of its prompt, and its reasoning for output once', () => {
    const usage = {
      prompt_tokens: 2079,
      completion_tokens: 118,
      total_tokens: 2197,
      prompt_tokens_details: { cached_tokens: 2048, cache_write_tokens: 20 },
      completion_tokens_details: { reasoning_tokens: 40 },
    };
    expect(bill(openaiChat, 'openai', 'gpt-6.1-sol', chatReply(usage))).toBeCloseTo(
      (11 * 2 + 2048 * 0.1 + 20 * 2.5 + 118 * 10) / 1e6,
      12,
    );
  });

  it('F31 counts DeepSeek’s hits and misses once', () => {
    const usage = {
      prompt_tokens: 320,
      prompt_cache_hit_tokens: 256,
      prompt_cache_miss_tokens: 64,
      prompt_tokens_details: { cached_tokens: 256 },
      completion_tokens: 88,
      completion_tokens_details: { reasoning_tokens: 31 },
      total_tokens: 408,
    };
    expect(bill(openaiChat, 'deepseek', 'deepseek-flash', chatReply(usage))).toBeCloseTo(
      (64 * 0.3 + 256 * 0.006 + 88 * 1.2) / 1e6,
      12,
    );
  });

  it('F35 bills nothing for zero usage, and has no bill without any', () => {
    const zero = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
    expect(bill(openaiChat, 'openai', 'gpt-6.1-sol', chatReply(zero))).toBe(0);
    expect(bill(openaiChat, 'openai', 'gpt-6.1-sol', chatReply())).toBeUndefined();
  });

  it('F41 has no bill for a model whose price nobody states', () => {
    const usage = { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 };
    expect(bill(openaiChat, 'openai', 'gpt-5.6-sol', chatReply(usage))).toBeUndefined();
  });
});
