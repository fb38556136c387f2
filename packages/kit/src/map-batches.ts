import type { StreamEvent } from '@signalbox/spec';
import type { StreamReply } from './reply.ts';

type Batch = readonly StreamEvent[];
type Result = IteratorResult<Batch, unknown>;

/** Sees the events of one reply, one after the other. */
export type EventWatcher = (event: StreamEvent) => void;

/** The same stream, whose batches go on as they are once a watcher has seen them. */
export function watchEvents(reply: StreamReply, watch: EventWatcher): StreamReply {
  return mapBatches(reply, (batch) => {
    for (const event of batch) watch(event);
    return batch;
  });
}

/**
 * Maps a stream batch by batch, for whoever changes next to nothing. It costs a fifth of `mapEvents`: a batch that is given
 * back goes on as it is, an empty one not at all.
 */
export function mapBatches({ events }: StreamReply, map: (batch: Batch) => Batch): StreamReply {
  return {
    kind: 'stream',
    events: { [Symbol.asyncIterator]: () => new MappedBatches(events[Symbol.asyncIterator](), map) },
  };
}

/** One promise for a batch, where a generator makes three. */
class MappedBatches implements AsyncIterator<Batch, unknown> {
  readonly #source: AsyncIterator<Batch, unknown>;
  readonly #mapped: (result: Result) => Result | Promise<Result>;

  constructor(source: AsyncIterator<Batch, unknown>, map: (batch: Batch) => Batch) {
    this.#source = source;
    this.#mapped = (result) => {
      if (result.done === true) return result;
      try {
        const value = map(result.value);
        return value.length === 0 ? this.next() : { done: false, value };
      } catch (error) {
        return this.#fail(error);
      }
    };
  }

  next(): Promise<Result> {
    return this.#source.next().then(this.#mapped);
  }

  async return(value?: unknown): Promise<Result> {
    await this.#source.return?.();
    return { done: true, value };
  }

  /** Who reads does not end an iterator that has failed. */
  async #fail(error: unknown): Promise<never> {
    await this.#source.return?.();
    throw error;
  }
}
