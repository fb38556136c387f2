import { errors, type SignalboxError, type StreamEvent } from '@signalbox/kit';

/** As much of an answer's beginning as tells whether it comes a second time; a shorter one may do so by chance. */
const MAX_COMPARED = 40;
const MIN_COMPARED = 12;

const begunAgain = new WeakSet<SignalboxError>();

/** Whether a continuation failed because its model cannot go on with an answer, and would begin it anew every time. */
export function hasBegunAgain(failure: SignalboxError): boolean {
  return begunAgain.has(failure);
}

/**
 * The events of a continuation, unless they begin the answer anew: a server that ignores what the request has begun must
 * not put a second answer behind half a first one. Holds events back only as long as they agree with the beginning.
 * @throws {SignalboxError} MALFORMED_REPLY
 */
export async function* unlessBegunAgain(
  events: AsyncIterable<readonly StreamEvent[]>,
  answer: string,
): AsyncGenerator<readonly StreamEvent[]> {
  const beginning = answer.trim().slice(0, MAX_COMPARED);
  let held: (readonly StreamEvent[])[] | undefined = beginning.length < MIN_COMPARED ? undefined : [];
  let said = '';
  for await (const batch of events) {
    if (held === undefined) {
      yield batch;
      continue;
    }
    held.push(batch);
    for (const event of batch) if (event.type === 'text-delta') said += event.text;
    const begun = said.trimStart();
    if (begun.startsWith(beginning)) {
      const failure = errors.malformedReply('The model began its answer anew instead of going on with it.');
      begunAgain.add(failure);
      throw failure;
    }
    if (beginning.startsWith(begun) && !batch.some(({ type }) => type === 'block-end')) continue;
    yield* held;
    held = undefined;
  }
  if (held !== undefined) yield* held;
}
