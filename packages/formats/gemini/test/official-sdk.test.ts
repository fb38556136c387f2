import {
  BlockedReason,
  FinishReason,
  FunctionCallingConfigMode,
  type GenerateContentResponse,
  ThinkingLevel,
} from '@google/genai';
import { expect, it } from '@jest/globals';
import { SignalboxError } from '@signalbox/kit';
import { gemini } from '../src/index.ts';
import { decodeStopReason } from '../src/stop-reason.ts';
import { decode, replyOf, testClient, testTarget } from './support.ts';

/** What stop reasons the official SDK knows, and what becomes of each where there is an answer. */
it.each(Object.values(FinishReason).filter((word) => word !== FinishReason.FINISH_REASON_UNSPECIFIED))(
  'the finish reason %s has a meaning here',
  (word) => {
    const meaning = decodeStopReason(word, { toolCalls: false, content: true });
    const failed = ['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS'].includes(word);
    expect(SignalboxError.is(meaning)).toBe(failed);
    if (!failed) expect(meaning === 'end-turn').toBe(word === 'STOP');
  },
);

it.each(Object.values(BlockedReason))('a prompt that is blocked for %s is refused', (blockReason) => {
  expect(gemini.decodeReply({ promptFeedback: { blockReason } }, testTarget()).stopReason).toBe('refusal');
});

it.each(Object.values(FunctionCallingConfigMode))('the mode %s is read', (mode) => {
  const toolConfig = { functionCallingConfig: { mode } };
  expect(decode({ contents: [{ parts: [{ text: 'x' }] }], toolConfig }).toolChoice).toBeDefined();
});

it.each(Object.values(ThinkingLevel).filter((level) => level !== ThinkingLevel.THINKING_LEVEL_UNSPECIFIED))(
  'the thinking level %s is an effort',
  (thinkingLevel) => {
    const generationConfig = { thinkingConfig: { thinkingLevel } };
    const { reasoning } = decode({ contents: [{ parts: [{ text: 'x' }] }], generationConfig });
    expect(reasoning).toEqual({ effort: thinkingLevel.toLowerCase() });
  },
);

it('a reply has the fields that the SDK’s type has', () => {
  const reply = gemini.decodeReply(
    { ...replyOf([{ text: 'x' }]), usageMetadata: { promptTokenCount: 1 } },
    testTarget(),
  );
  const body = gemini.encodeReply(reply, testClient());
  const typed = body as unknown as Pick<
    GenerateContentResponse,
    'candidates' | 'usageMetadata' | 'modelVersion' | 'responseId'
  >;
  expect(typed.candidates?.[0]?.content?.parts?.[0]?.text).toBe('x');
  expect(typed.candidates?.[0]?.finishReason).toBe(FinishReason.STOP);
  expect(typed.usageMetadata?.promptTokenCount).toBe(1);
  expect([typed.modelVersion, typeof typed.responseId]).toEqual(['asked-model', 'string']);
});
