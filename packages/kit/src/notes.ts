import type { Block, Extensions, FidelityNote } from '@signalbox/spec';

/** Collects what could not be expressed exactly. One per attempt, so that a failed attempt leaves no notes behind. */
export class Notes {
  readonly list: FidelityNote[] = [];

  add(path: string, action: FidelityNote['action'], reason: string): void {
    this.list.push({ path, action, reason });
  }

  /**
   * Notes everything in `extensions` that `formatId` does not know. Allocates nothing where there is nothing. Keys that
   * begin with `$` are what a format's decoder tells its own encoder about the client; they are no part of the request.
   */
  foreignExtensions(extensions: Extensions | undefined, formatId: string, path: string): void {
    if (extensions === undefined) return;
    for (const format in extensions) {
      if (format === formatId) continue;
      for (const key in extensions[format]) {
        if (extensions[format][key] === undefined || key.startsWith('$')) continue;
        this.add(path === '' ? key : `${path}.${key}`, 'dropped', `only ${format} has it`);
      }
    }
  }

  opaqueBlock(block: Extract<Block, { type: 'opaque' }>, path: string): void {
    this.add(path, 'dropped', `a ${String(block.value.type ?? 'vendor')} block, which only ${block.format} has`);
  }
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
