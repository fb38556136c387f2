import type { StreamEvent } from '@signalbox/spec';

/**
 * Enforces stop sequences that the provider cannot: text is cut before the first match, the reply ends there with
 * `stop-sequence`, and nothing follows (whoever reads the events cancels the provider then). Holds back as many characters as a match could still need.
 * State of one reply: call it once per reply and use the function for each event in order.
 */
export function enforceStopSequences(
  sequences: readonly string[],
): (event: StreamEvent) => StreamEvent | readonly StreamEvent[] | undefined {
  const longest = sequences.reduce((most, { length }) => Math.max(most, length), 0);
  let held = '';
  let stopped = false;
  return (event) => {
    if (stopped) return undefined;
    if (event.type === 'text-delta') {
      held += event.text;
      const match = firstMatch(held, sequences);
      if (match !== undefined) {
        stopped = true;
        const text = held.slice(0, match.at);
        const { index } = event;
        return [
          ...(text === '' ? [] : [{ type: 'text-delta', index, text } as const]),
          { type: 'block-end', index },
          { type: 'message-end', stopReason: 'stop-sequence', stopSequence: match.sequence },
        ];
      }
      const keep = longestSuffixThatBegins(held, sequences, longest - 1);
      const text = held.slice(0, held.length - keep);
      held = held.slice(held.length - keep);
      return text === '' ? undefined : { ...event, text };
    }
    if (event.type === 'block-end' && held !== '') {
      const text = held;
      held = '';
      return [{ type: 'text-delta', index: event.index, text }, event];
    }
    return event;
  };
}

/** The match that is complete first, as a provider that samples token by token would find it, however the text is cut. */
function firstMatch(text: string, sequences: readonly string[]): { at: number; sequence: string } | undefined {
  let best: { at: number; sequence: string } | undefined;
  let bestEnd = Number.POSITIVE_INFINITY;
  for (const sequence of sequences) {
    const at = text.indexOf(sequence);
    if (at === -1) continue;
    const end = at + sequence.length;
    if (end < bestEnd || (end === bestEnd && best !== undefined && at < best.at)) {
      best = { at, sequence };
      bestEnd = end;
    }
  }
  return best;
}

function longestSuffixThatBegins(text: string, sequences: readonly string[], limit: number): number {
  for (let length = Math.min(limit, text.length); length > 0; length--) {
    const suffix = text.slice(text.length - length);
    if (sequences.some((sequence) => sequence.startsWith(suffix))) return length;
  }
  return 0;
}
