import anthropicMessages from '@signalbox/format-anthropic-messages';
import gemini from '@signalbox/format-gemini';
import ollama from '@signalbox/format-ollama';
import openaiChat from '@signalbox/format-openai-chat';
import openaiResponses from '@signalbox/format-openai-responses';
import { type Block, type Format, Notes, SignalboxError, type StreamEvent, ToolNames } from '@signalbox/kit';
import type { WireFormat } from '@signalbox/testkit';

const formats: Readonly<Record<WireFormat, Format>> = {
  'anthropic-messages': anthropicMessages,
  'openai-chat': openaiChat,
  'openai-responses': openaiResponses,
  gemini,
  ollama,
};

export interface ReadAnswer {
  readonly text: string;
  /** 1 for a whole answer. */
  readonly deltas: number;
  /** It has its format's mark of success. */
  readonly finished: boolean;
}

/** What a client of this format reads in an answer. @throws {SignalboxError} for one that is none. */
export function readAnswer(id: WireFormat, body: string, stream: boolean): ReadAnswer {
  return stream ? readStream(formats[id], body) : readWhole(formats[id], body);
}

function readWhole(format: Format, body: string): ReadAnswer {
  const { content, stopReason } = format.decodeReply(JSON.parse(body), targetOf(format));
  const text = content.map((block: Block) => (block.type === 'text' ? block.text : `a block of ${block.type}`));
  return { text: text.join(''), deltas: 1, finished: stopReason === 'end-turn' };
}

function readStream(format: Format, body: string): ReadAnswer {
  const decoder = format.createStreamDecoder(targetOf(format));
  const events: readonly StreamEvent[] = [...decoder.push(Buffer.from(body)), ...decoder.end()];
  const texts = events.flatMap((event) => {
    if (event.type === 'error') throw SignalboxError.fromInfo(event.error);
    return event.type === 'text-delta' ? [event.text] : [];
  });
  const end = events.at(-1);
  const finished = end?.type === 'message-end' && end.stopReason === 'end-turn';
  return { text: texts.join(''), deltas: texts.length, finished };
}

function targetOf(format: Format) {
  return {
    model: 'bench-model',
    notes: new Notes(),
    toolNames: new ToolNames(),
    reasoningOrigin: format.id,
    enforceStopSequences: () => {},
  };
}
