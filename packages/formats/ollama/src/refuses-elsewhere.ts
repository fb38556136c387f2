import { type ChatReply, type ChatRequest, errors, type SignalboxError } from '@signalbox/kit';
import { ID, text } from './fields.ts';

/** A request that says nothing loads or unloads a model, as the `ollama` command does first: elsewhere there is nothing to load. */
export function answersElsewhere({ messages, extensions }: ChatRequest): ChatReply | undefined {
  if (messages.length > 0) return undefined;
  const unloads = extensions?.[ID]?.keep_alive === 0;
  return { content: [], stopReason: 'end-turn', rawStopReason: unloads ? 'unload' : 'load' };
}

/** What another format could only answer as something else. */
export function refusesElsewhere({ messages, extensions }: ChatRequest): SignalboxError | undefined {
  const own = extensions?.[ID];
  if (text(own?.suffix) !== undefined) {
    return errors.unsupported('suffix: filling in between two texts needs a model of Ollama’s own.');
  }
  if (Array.isArray(own?.context) && own.context.length > 0) {
    return errors.unsupported(
      'context: only the Ollama server that gave it can read it. Send the conversation instead.',
    );
  }
  const foreign = messages.some(({ content }) =>
    content.some(
      (block) =>
        block.type === 'image' && block.source.type === 'base64' && !block.source.mediaType.startsWith('image/'),
    ),
  );
  return foreign ? errors.unsupported('images: one of them is no image. Audio goes to Ollama only.') : undefined;
}
