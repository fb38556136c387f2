import { type ChatReply, errors, type SignalboxError, type StopReason, type StreamEvent } from '@signalbox/kit';

/**
 * Whether an event is content: something that a client shows or acts on. Providers begin a block before they have anything
 * to say, and may break off right behind.
 */
export function isContent(event: StreamEvent): boolean {
  switch (event.type) {
    case 'block-start':
      return event.block.type === 'tool-call' || event.block.type === 'opaque';
    case 'text-delta':
      return event.text.trim() !== '';
    case 'reasoning-delta':
      return event.text !== '';
    case 'signature':
      return true;
    default:
      return false;
  }
}

/** A turn that ends, of its own accord or for tools, before it has said anything or called one is a failure. */
export function emptyEnd(stopReason: StopReason): SignalboxError | undefined {
  return stopReason === 'end-turn' || stopReason === 'tool-call'
    ? errors.emptyReply('The provider answered without any content.')
    : undefined;
}

/** Whether a whole answer has no content. */
export function saysNothing({ content }: ChatReply): boolean {
  return content.every((block) => {
    if (block.type === 'text') return block.text.trim() === '';
    return block.type === 'reasoning' && block.text === '' && block.state === undefined;
  });
}
