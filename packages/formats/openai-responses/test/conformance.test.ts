import { unpackReasoningState } from '@signalbox/kit';
import { type Essence, readFixtures } from '@signalbox/testkit/laws';
import { describeFormat } from '@signalbox/testkit/suites';
import fc from 'fast-check';
import { openaiResponses } from '../src/index.ts';

/** What the client would send back of a reply: state whose own id could not be shown in a stream comes packed. */
function asSentBack({ content, stopReason, usage }: Essence): Essence {
  return {
    content: content.map((block) => {
      if (block.type !== 'reasoning' || block.state === undefined) return block;
      const { encrypted_content: encrypted } = block.state.data as { encrypted_content?: string };
      const state = unpackReasoningState(encrypted ?? '');
      return state === undefined ? block : { ...block, state };
    }),
    stopReason,
    // A count that is mandatory on this wire is 0 where it is not known.
    usage: usage === undefined ? undefined : { reasoningTokens: 0, ...usage },
  };
}

describeFormat(openaiResponses, {
  fixtures: readFixtures(new URL('../fixtures/synthetic/', import.meta.url)),
  reasoningOrigin: 'openai',
  clientRequest: { model: 'm', input: 'Hi.', stream: true },
  survives: asSentBack,
  features: {
    redacted: false,
    stopReasons: ['end-turn', 'max-tokens', 'tool-call', 'refusal'],
    reasoningState: {
      origin: 'openai',
      data: fc
        .base64String({ minLength: 4, maxLength: 40 })
        .map((encrypted) => ({ id: `rs_${encrypted.length}`, encrypted_content: encrypted })),
    },
  },
});
