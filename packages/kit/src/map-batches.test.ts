import { describe, expect, it } from '@jest/globals';
import type { StreamEvent } from '@signalbox/spec';
import { mapBatches, watchEvents } from './map-batches.ts';
import type { StreamReply } from './reply.ts';

const START: StreamEvent = { type: 'message-start' };
const text = (said: string): StreamEvent => ({ type: 'text-delta', index: 0, text: said });
const BATCHES: readonly (readonly StreamEvent[])[] = [[START, text('a')], [text('b')], [text('c')]];

/** A stream that says when its reader is done with it, and that may fail at its end. */
function source(failure?: Error): { readonly reply: StreamReply; readonly ended: () => boolean } {
  let ended = false;
  const events = (async function* () {
    try {
      yield* BATCHES;
      if (failure !== undefined) throw failure;
    } finally {
      ended = true;
    }
  })();
  return { reply: { kind: 'stream', events }, ended: () => ended };
}

async function read({ events }: StreamReply, max = Number.POSITIVE_INFINITY) {
  const batches: (readonly StreamEvent[])[] = [];
  for await (const batch of events) {
    batches.push(batch);
    if (batches.length === max) break;
  }
  return batches;
}

describe('watchEvents', () => {
  it('shows each event before its batch goes on, which is the very same', async () => {
    const seen: StreamEvent[] = [];
    const { reply, ended } = source();
    let at = 0;
    for await (const batch of watchEvents(reply, (event) => seen.push(event)).events) {
      expect(batch).toBe(BATCHES[at++]);
      expect(seen.at(-1)).toBe(batch.at(-1));
    }
    expect(seen).toEqual(BATCHES.flat());
    expect(ended()).toBe(true);
  });
});

describe('mapBatches', () => {
  it('leaves empty batches out, first, last and in a row', async () => {
    for (const kept of ['a', 'b', 'c', '']) {
      const { reply } = source();
      const out = mapBatches(reply, (batch) =>
        batch.some((event) => event.type === 'text-delta' && event.text === kept) ? batch : [],
      );
      expect(await read(out)).toEqual(BATCHES.filter((batch) => JSON.stringify(batch).includes(`"text":"${kept}"`)));
    }
  });

  it('lets go of the stream where its reader does', async () => {
    const { reply, ended } = source();
    expect(
      await read(
        mapBatches(reply, (batch) => batch),
        1,
      ),
    ).toHaveLength(1);
    expect(ended()).toBe(true);
  });

  it('F21 fails as its stream does', async () => {
    const { reply } = source(new Error('broken'));
    const seen: unknown[] = [];
    await expect(read(watchEvents(reply, (event) => seen.push(event)))).rejects.toThrow('broken');
    expect(seen).toHaveLength(BATCHES.flat().length);
  });

  it('lets go of the stream where it fails itself', async () => {
    const { reply, ended } = source();
    const failing = mapBatches(reply, () => {
      throw new Error('mine');
    });
    await expect(read(failing)).rejects.toThrow('mine');
    expect(ended()).toBe(true);
  });
});
