import type { Block, Extensions, FidelityNote, JsonObject } from '@signalbox/spec';
import { wordOf } from './json-words.ts';

const NOTHING = Object.freeze({});

/** Collects what could not be expressed exactly. One per attempt, so that a failed attempt leaves no notes behind. */
export class Notes {
  readonly list: FidelityNote[] = [];

  add(path: string, action: FidelityNote['action'], reason: string): void {
    this.list.push({ path, action, reason });
  }

  /**
   * Notes everything in `extensions` that `formatId` does not know. Allocates nothing where there is nothing. Keys that
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
        if (own[key] === undefined || key.startsWith('$') || told[format]?.includes(key) === true) continue;
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

/** `lossless`, or the counts by action: `dropped=3; mapped=1`. */
export function summariseNotes(notes: readonly FidelityNote[]): string {
  if (notes.length === 0) return 'lossless';
  const counts: Record<FidelityNote['action'], number> = { refused: 0, dropped: 0, approximated: 0, mapped: 0 };
  for (const note of notes) counts[note.action]++;
  const parts: string[] = [];
  for (const [action, count] of Object.entries(counts)) if (count > 0) parts.push(`${action}=${count}`);
  return parts.join('; ');
}
