import type { StreamEvent } from '@signalbox/kit';

/** Ids that a decoder made up, as no two of them are the same. */
const MADE_UP = /"(?:call|toolu|tooluse|fc|ctc|rs|msg)_(?:gm_)?[\w-]{24}"/g;

/** What a stream's events come to: deltas are put together, and of ids that were made up only which is which is told. */
export function sumOf(events: readonly StreamEvent[]): string {
  const sum: StreamEvent[] = [];
  for (const event of events) {
    const last = sum.at(-1);
    const both = last === undefined ? undefined : together(last, event);
    if (both === undefined) sum.push(event);
    else sum[sum.length - 1] = both;
  }
  const names = new Map<string, string>();
  return JSON.stringify(sum).replace(MADE_UP, (id) => {
    const name = names.get(id) ?? `"id ${names.size}"`;
    names.set(id, name);
    return name;
  });
}

function together(a: StreamEvent, b: StreamEvent): StreamEvent | undefined {
  if (!('index' in a) || !('index' in b) || a.index !== b.index) return undefined;
  if (a.type === 'text-delta' && b.type === 'text-delta') return { ...b, text: a.text + b.text };
  if (a.type === 'reasoning-delta' && b.type === 'reasoning-delta') return { ...b, text: a.text + b.text };
  if (a.type === 'tool-input-delta' && b.type === 'tool-input-delta') return { ...b, json: a.json + b.json };
  return undefined;
}

/** @throws {Error} with the first place where two readings of one stream differ. */
export function expectSame(one: readonly StreamEvent[], other: readonly StreamEvent[]): void {
  const [a, b] = [sumOf(one), sumOf(other)];
  if (a === b) return;
  let at = 0;
  while (a[at] === b[at]) at++;
  const from = Math.max(0, at - 100);
  throw new Error(
    `what is read depends on where the stream is cut: ${a.slice(from, at + 200)}, but ${b.slice(from, at + 200)}`,
  );
}
