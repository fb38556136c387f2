import type { StreamEvent } from '@signalbox/kit';

const DELTAS: Record<string, readonly StreamEvent['type'][]> = {
  text: ['text-delta', 'extension-delta'],
  reasoning: ['reasoning-delta', 'signature', 'extension-delta'],
  'tool-call': ['tool-input-delta', 'extension-delta'],
  opaque: [],
};

/**
 * Checks a run of events against the grammar of `StreamEvent`: one start, blocks counted from 0 that never interleave, the
 * deltas that belong to each, one end and nothing after it. `ended` (default: true) wants the end to be there.
 * @throws {Error} that names the first event out of place.
 */
export function checkGrammar(events: Iterable<StreamEvent>, { ended = true }: { ended?: boolean } = {}): void {
  let at = -1;
  let started = false;
  let open: { index: number; kind: string; signed: boolean } | undefined;
  let next = 0;
  let last: StreamEvent | undefined;
  const wrong = (why: string): never => {
    throw new Error(`event ${at} (${JSON.stringify(last)}) is out of place: ${why}`);
  };
  let over = false;
  for (const event of events) {
    at++;
    last = event;
    if (over) wrong('the reply has ended');
    if (event.type === 'error') {
      over = true;
      continue;
    }
    if (event.type === 'message-start') {
      if (started) wrong('a second message-start');
      started = true;
      continue;
    }
    if (!started) wrong('no message-start before it');
    if (event.type === 'usage') continue;
    if (event.type === 'message-end') {
      if (open !== undefined) wrong(`block ${open.index} is open`);
      over = true;
      continue;
    }
    if (event.type === 'block-start') {
      if (open !== undefined) wrong(`block ${open.index} is open`);
      if (event.index !== next) wrong(`the next block has index ${next}`);
      next++;
      open = { index: event.index, kind: event.block.type, signed: false };
      continue;
    }
    if (open === undefined || open.index !== event.index) {
      wrong(open === undefined ? 'no block is open' : `block ${open.index} is open`);
    } else if (event.type === 'block-end') {
      open = undefined;
    } else {
      if (!DELTAS[open.kind]?.includes(event.type)) wrong(`the open block is ${open.kind}`);
      if (open.signed) wrong('a signature is the last in its block');
      if (event.type === 'signature') open.signed = true;
    }
  }
  if (ended && !over) throw new Error(`the events stop after ${at + 1} without message-end or error`);
}
