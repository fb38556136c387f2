import type { EventMapper, Notes, StreamEvent } from '@signalbox/kit';
import type { Check } from './checker.ts';
import type { Repair } from './config.ts';
import { mend } from './mend.ts';

export interface CallRepair {
  /** The check of a tool's arguments; `undefined` where there is none. */
  checkOf(tool: string): Check | undefined;
  readonly allowed: ReadonlySet<Repair>;
  readonly notes: Notes;
  /** Told of every call whose arguments became others. */
  onMended?(): void;
}

interface Held {
  readonly name: string;
  readonly check: Check;
  readonly deltas: Extract<StreamEvent, { type: 'tool-input-delta' }>[];
}

/** Why a reply may end in the middle of a call's arguments. */
const CUT: ReadonlySet<string> = new Set(['max-tokens', 'context-window-exceeded']);

/** The state of one reply: the arguments of the open call, held until they are whole. */
export function repairCalls({ checkOf, allowed, notes, onMended }: CallRepair): EventMapper {
  let held: Held | undefined;
  /** The last call, where its arguments are no JSON: whether they were cut off is said at the end only. */
  let unreadable: { readonly index: number; readonly name: string } | undefined;
  const noteUnreadable = (): void => {
    if (unreadable === undefined) return;
    notes.add(`content[${unreadable.index}].input`, 'approximated', `the arguments of ${unreadable.name} are no JSON`);
    unreadable = undefined;
  };

  return (event) => {
    switch (event.type) {
      case 'block-start': {
        noteUnreadable();
        if (event.block.type !== 'tool-call') return event;
        const { name } = event.block;
        const check = checkOf(name);
        if (check !== undefined) held = { name, check, deltas: [] };
        return event;
      }
      case 'tool-input-delta':
        if (held === undefined) return event;
        held.deltas.push(event);
        return undefined;
      case 'block-end': {
        if (held === undefined) return event;
        const { name, check, deltas } = held;
        held = undefined;
        const { index } = event;
        const path = `content[${index}].input`;
        const outcome = mend(deltas.map(({ json }) => json).join(''), check, allowed);
        if (outcome.kind === 'mended') {
          for (const { place, what } of outcome.repairs) notes.add(`${path}${place}`, 'mapped', `${name}: ${what}`);
          onMended?.();
          return [{ type: 'tool-input-delta', index, json: outcome.json }, event];
        }
        if (outcome.kind === 'unreadable') unreadable = { index, name };
        if (outcome.kind === 'unfit') {
          notes.add(path, 'approximated', `the arguments of ${name} do not fit its schema: ${outcome.reason}`);
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
