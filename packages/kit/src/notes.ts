import type { Block, Extensions, FidelityNote, JsonObject } from '@signalbox/spec';
import { wordOf } from './json-words.ts';
import { isEmptyList, isEmptyObject } from './own-fields.ts';

const NOTHING = Object.freeze({});
/** More than anybody reads; a provider could send millions of what nobody else has. */
const MAX_NOTES = 1_000;
const MAX_CHARS = 500;

type Action = FidelityNote['action'];

/**
 * Collects what could not be expressed exactly. One per attempt, so that a failed attempt leaves no notes behind. The first
 * 1,000 are listed; of the others there is one note for each action, with their `count`.
 */
export class Notes {
  readonly #list: FidelityNote[] = [];
  #listed = 0;
  /** Where the notes stand that count the others. */
  readonly #left: Partial<Record<Action, number>> = {};

  get list(): readonly FidelityNote[] {
    return this.#list;
  }

  add(path: string, action: Action, reason: string): void {
    if (this.#listed === MAX_NOTES) {
      this.#leaveOut(action, 1);
      return;
    }
    this.#listed++;
    this.#list.push({ path: cut(path), action, reason: cut(reason) });
  }

  /** What others have noted. */
  addAll(notes: readonly FidelityNote[]): void {
    for (const { path, action, reason, count } of notes) {
      if (count === undefined) this.add(path, action, reason);
      else this.#leaveOut(action, count);
    }
  }

  /** Forgets all but these, a copy of an earlier list. */
  backTo(notes: readonly FidelityNote[]): void {
    this.#list.length = 0;
    this.#listed = 0;
    for (const action in this.#left) delete this.#left[action as Action];
    this.addAll(notes);
  }

  #leaveOut(action: Action, more: number): void {
    this.#left[action] ??= this.#list.length;
    const at = this.#left[action];
    const count = (this.#list[at]?.count ?? 0) + more;
    this.#list[at] = { path: '', action, reason: 'more such notes, which were left out', count };
  }

  /**
   * Notes everything in `extensions` that `formatId` does not know, but for what asks for nothing: `null`, an empty list, and
   * an empty object of a part (of the request itself it may be a switch: `web_search_options: {}`). Keys that
   * begin with `$` are what a format's decoder tells its own encoder about the client; they are no part of the request.
   * The list `$advice` names those fields beside it that can be left out and nothing is lost: hints for caches, what a
   * client tells its own vendor about itself.
   * @param told by format, the fields that the caller says in its own words.
   */
  foreignExtensions(
    extensions: Extensions | undefined,
    formatId: string,
    path: string,
    told: Readonly<Record<string, readonly string[]>> = NOTHING,
  ): void {
    if (extensions === undefined) return;
    for (const format in extensions) {
      if (format === formatId) continue;
      const own = extensions[format];
      for (const key in own) {
        const value = own[key];
        if (value === undefined || value === null || isEmptyList(value)) continue;
        if (path !== '' && isEmptyObject(value)) continue;
        if (key.startsWith('$') || told[format]?.includes(key) === true) continue;
        const at = path === '' ? key : `${path}.${key}`;
        if (isAdvice(own, key)) this.add(at, 'mapped', `only ${format} has it, and nothing hangs on it`);
        else this.add(at, 'dropped', `only ${format} has it`);
      }
    }
  }

  opaqueBlock(block: Extract<Block, { type: 'opaque' }>, path: string): void {
    const { type } = block.value;
    const kind = typeof type === 'string' ? wordOf(type) : 'vendor';
    this.add(path, 'dropped', `a ${kind} block, which only ${block.format} has`);
  }
}

/** Whether a field of a format's own extensions is one that can be left out without a loss. */
export function isAdvice({ $advice }: JsonObject, key: string): boolean {
  return Array.isArray($advice) && $advice.includes(key);
}

function cut(text: string): string {
  return text.length <= MAX_CHARS ? text : `${text.slice(0, MAX_CHARS)}…`;
}

/** How many there are, with those that are only counted. */
export function countNotes(notes: readonly FidelityNote[]): number {
  return notes.reduce((sum, { count = 1 }) => sum + count, 0);
}

/** `lossless`, or the counts by action: `dropped=3; mapped=1`. */
export function summariseNotes(notes: readonly FidelityNote[]): string {
  if (notes.length === 0) return 'lossless';
  const counts: Record<Action, number> = { refused: 0, dropped: 0, approximated: 0, mapped: 0 };
  for (const { action, count = 1 } of notes) counts[action] += count;
  const parts: string[] = [];
  for (const [action, count] of Object.entries(counts)) if (count > 0) parts.push(`${action}=${count}`);
  return parts.join('; ');
}
