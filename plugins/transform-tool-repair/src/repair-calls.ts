import type { EventMapper, Notes, StreamEvent } from '@signalbox/kit';
import type { Repair } from './config.ts';
import { mend, type Wanted } from './mend.ts';

export interface CallRepair {
  /** What a tool's arguments are to fit; `undefined` where nothing is known. */
  wantedBy(tool: string): Wanted | undefined;
  readonly allowed: ReadonlySet<Repair>;
  readonly notes: Notes;
  /** Told of every call whose arguments became others. */
  onMended?(): void;
}

interface Held {
  readonly name: string;
  readonly wanted: Wanted;
  readonly deltas: Extract<StreamEvent, { type: 'tool-input-delta' }>[];
}

/** Why a reply may end in the middle of a call's arguments. */
const CUT: ReadonlySet<string> = new Set(['max-tokens', 'context-window-exceeded']);

/** The state of one reply: the arguments of the open call, held until they are whole. */
export function repairCalls({ wantedBy, allowed, notes, onMended }: CallRepair): EventMapper {
  let held: Held | undefined;
  /** The last call, where its arguments are no JSON: whether they were cut off is said at the end only. */
  let unreadable: number | undefined;
  const noteUnreadable = (): void => {
    if (unreadable === undefined) return;
    notes.add(`content[${unreadable}].input`, 'approximated', 'the arguments are no JSON');
    unreadable = undefined;
  };

  return (event) => {
    switch (event.type) {
      case 'block-start': {
        noteUnreadable();
        if (event.block.type !== 'tool-call') return event;
        const { name } = event.block;
        const wanted = wantedBy(name);
        if (wanted !== undefined) held = { name, wanted, deltas: [] };
        return event;
      }
      case 'tool-input-delta':
        if (held === undefined) return event;
        held.deltas.push(event);
        return undefined;
      case 'block-end': {
        if (held === undefined) return event;
        const { name, wanted, deltas } = held;
        held = undefined;
        const { index } = event;
        const path = `content[${index}].input`;
        const outcome = mend(deltas.map(({ json }) => json).join(''), wanted, allowed);
        if (outcome.kind === 'mended') {
          for (const { place, what } of outcome.repairs) notes.add(`${path}${place}`, 'mapped', `${name}: ${what}`);
          onMended?.();
          return [{ type: 'tool-input-delta', index, json: outcome.json }, event];
        }
        if (outcome.kind === 'unreadable') unreadable = index;
        if (outcome.kind === 'unfit') {
          notes.add(path, 'approximated', `does not fit the tool’s schema: ${outcome.reason}`);
        }
        return [...deltas, event];
      }
      case 'message-end':
        if (CUT.has(event.stopReason)) unreadable = undefined;
        noteUnreadable();
        return event;
      case 'error': {
        // The stream broke off: what came of the call is passed on as it came.
        const deltas = held?.deltas ?? [];
        held = undefined;
        return [...deltas, event];
      }
      default:
        return event;
    }
  };
}
