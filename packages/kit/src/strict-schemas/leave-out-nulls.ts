import type { StreamEvent } from '@signalbox/spec';
import { NullFilter } from './null-filter.ts';
import type { NullPlace } from './null-places.ts';

/** Where in one answer nulls stand for properties that are not there. */
export interface AddedNulls {
  /** In the text, which is JSON. */
  readonly answer?: NullPlace;
  /** In the arguments of calls, by the client's name of the tool. */
  readonly tools: ReadonlyMap<string, NullPlace>;
}

/** Leaves them out of one reply, as it comes: no delta waits for another but for the end of a key. */
export function leaveOutNulls({
  answer,
  tools,
}: AddedNulls): (event: StreamEvent) => StreamEvent | readonly StreamEvent[] | undefined {
  let filter: NullFilter | undefined;
  let isText = false;
  return (event) => {
    switch (event.type) {
      case 'block-start': {
        const { block } = event;
        isText = block.type === 'text';
        const place =
          block.type === 'tool-call'
            ? tools.get(block.name)
            : block.type === 'text' && block.refusal !== true
              ? answer
              : undefined;
        filter = place === undefined ? undefined : new NullFilter(place);
        return event;
      }
      case 'text-delta':
      case 'tool-input-delta': {
        if (filter === undefined) return event;
        const kept = filter.push(event.type === 'text-delta' ? event.text : event.json);
        if (kept === '') return undefined;
        return event.type === 'text-delta' ? { ...event, text: kept } : { ...event, json: kept };
      }
      case 'block-end': {
        const rest = filter?.end() ?? '';
        filter = undefined;
        if (rest === '') return event;
        const { index } = event;
        return [
          isText ? { type: 'text-delta', index, text: rest } : { type: 'tool-input-delta', index, json: rest },
          event,
        ];
      }
      default:
        return event;
    }
  };
}
