import { describe, expect, it } from '@jest/globals';
import type { StreamEvent } from '@signalbox/kit';
import { testTarget } from '../test/context.ts';
import { openaiChat } from './index.ts';

const chunk = (delta: object, finish_reason: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'x', model: 'm', choices: [{ index: 0, delta, finish_reason }] })}\n\n`;
const HI = chunk({ content: 'Hi' });
const STOP = chunk({}, 'stop');
const DONE = 'data: [DONE]\n\n';
const ERROR = 'error: {"message":"Zu groß: the slot is gone","code":503}\n\n';

function decode(...chunks: readonly Uint8Array[]): StreamEvent | undefined {
  const decoder = openaiChat.createStreamDecoder(testTarget());
  return [...chunks.flatMap((one) => decoder.push(one)), ...decoder.end()].at(-1);
}

/** The last event, wherever the stream is cut in two, and byte by byte. */
function ends(text: string): readonly (StreamEvent | undefined)[] {
  const bytes = Buffer.from(text);
  const cuts = Array.from(bytes, (_byte, at) => decode(bytes.subarray(0, at), bytes.subarray(at)));
  return [...cuts, decode(...Array.from(bytes, (byte) => Uint8Array.of(byte)))];
}

describe('a line that begins with error:', () => {
  it.each([ERROR, HI + ERROR, HI + ERROR + DONE, HI + STOP + ERROR + DONE])(
    'F18 ends the reply with what it says, wherever it is cut: %j',
    (text) => {
      for (const end of ends(text)) {
        expect(end).toMatchObject({ error: { code: 'PROVIDER_OVERLOADED', message: 'Zu groß: the slot is gone' } });
      }
    },
  );

  it.each([HI + STOP + DONE + ERROR, `${HI}${STOP}data:  [DONE]\r\n\r\n${ERROR}`])(
    'changes nothing behind the end, wherever it is cut: %j',
    (text) => {
      for (const end of ends(text)) expect(end).toMatchObject({ type: 'message-end', stopReason: 'end-turn' });
    },
  );
});
