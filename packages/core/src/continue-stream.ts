import {
  addAll,
  type ChatReply,
  errors,
  type FidelityNote,
  formatTarget,
  isLocalProvider,
  messageToEvents,
  type Reply,
  SignalboxError,
  type StreamEvent,
  type Target,
} from '@signalbox/kit';
import { AnswerSoFar } from './answer-so-far.ts';
import { hasBegunAgain, unlessBegunAgain } from './begun-again.ts';
import type { ExchangeState } from './exchange.ts';
import { nameTarget } from './name-target.ts';
import { type Attempting, settleAttempt, tryTarget } from './try-target.ts';

/** A provider that breaks off again and again is not worth more. */
const MAX_CONTINUATIONS = 2;

/**
 * A stream that does not end where its provider breaks off: the same target, or one behind it, is asked to go on from the
 * text that the client has. Only where that is safe, and only at targets that take a prefill; otherwise the stream fails
 * as ever. One that begins its answer anew is not asked again, and the client is told of the cut. The seam is noted, each part is an attempt of its own, and usage adds up.
 */
export function continueWhenCut(generation: Attempting, exchange: ExchangeState, reply: Reply): Reply {
  if (reply.kind !== 'stream') return reply;
  return { kind: 'stream', events: parts(generation, exchange, reply.events) };
}

async function* parts(
  generation: Attempting,
  exchange: ExchangeState,
  first: AsyncIterable<readonly StreamEvent[]>,
): AsyncGenerator<readonly StreamEvent[]> {
  const answer = new AnswerSoFar();
  const unable = new Set<string>();
  let part = first;
  let cut: SignalboxError | undefined;
  let cutAt: Target | undefined;
  let notesBefore: readonly FidelityNote[] = [];
  for (let continuations = 0; ; ) {
    const failure = yield* fitted(part, answer, exchange);
    if (failure === undefined) return;
    if (hasBegunAgain(failure) && exchange.target !== undefined) {
      // The client has nothing of it: it was no part of the answer, only one that could not go on.
      settleAttempt(generation, exchange, failure.info());
      unable.add(formatTarget(exchange.target));
      exchange.notes.backTo(notesBefore);
    } else {
      cutAt = exchange.target;
      cut = cutAt === undefined ? failure : nameTarget(failure, cutAt);
      continuations++;
    }
    const told: SignalboxError = cut ?? failure;
    if (exchange.over || !answer.continuable || !failure.retryable || continuations > MAX_CONTINUATIONS) throw told;
    notesBefore = [...exchange.notes.list];
    const next = await continuation(generation, exchange, answer, told, unable);
    if (next === undefined) {
      exchange.target = cutAt;
      throw told;
    }
    part = next;
  }
}

/** One part, as the client should see it. @returns why it broke off; `undefined` where it was the last. */
async function* fitted(
  part: AsyncIterable<readonly StreamEvent[]>,
  answer: AnswerSoFar,
  exchange: ExchangeState,
): AsyncGenerator<readonly StreamEvent[], SignalboxError | undefined> {
  try {
    for await (const batch of part) {
      const out: StreamEvent[] = [];
      let failure: SignalboxError | undefined;
      for (const event of batch) {
        if (event.type === 'error') {
          failure = SignalboxError.fromInfo(event.error);
          break;
        }
        addAll(out, answer.take(event));
      }
      exchange.wholeUsage = answer.usage;
      if (out.length > 0) yield out;
      if (failure !== undefined) return failure;
      if (answer.finished) return undefined;
    }
    return errors.cutStream('The reply ended before it was finished.');
  } catch (error) {
    return SignalboxError.from(error);
  }
}

async function continuation(
  generation: Attempting,
  exchange: ExchangeState,
  answer: AnswerSoFar,
  failure: SignalboxError,
  unable: ReadonlySet<string>,
): Promise<AsyncIterable<readonly StreamEvent[]> | undefined> {
  const targets = ableTargets(generation, exchange).filter((target) => !unable.has(formatTarget(target)));
  if (targets.length === 0) return undefined;
  settleAttempt(generation, exchange, failure.info());
  exchange.continued = answer.resume(exchange.request);
  exchange.wholeUsage = answer.usage;
  const notesBefore = [...exchange.notes.list];
  for (const target of targets) {
    exchange.usage = undefined;
    try {
      const reply = await tryTarget(generation, target, exchange, 'continuation');
      exchange.stand(generation.log);
      exchange.notes.add(
        'content',
        'approximated',
        `the answer broke off after ${answer.text.length} characters, and ${formatTarget(target)} went on from there`,
      );
      const events = reply.kind === 'stream' ? reply.events : asStream(reply.message);
      return unlessBegunAgain(events, answer.text);
    } catch {
      // Its record says why; the client is told why the answer broke off in the first place.
      if (exchange.over) return undefined;
      exchange.notes.backTo(notesBefore);
    }
  }
  return undefined;
}

/** Some answer at once, although a stream was asked for. */
async function* asStream(message: ChatReply): AsyncGenerator<readonly StreamEvent[]> {
  yield messageToEvents(message);
}

/** The target that broke off and those behind it, as far as they take a prefill. */
function ableTargets({ providers }: Attempting, { target, plan }: ExchangeState): readonly Target[] {
  const targets = plan?.targets ?? [];
  const from = target === undefined ? 0 : targets.indexOf(target);
  return targets.slice(Math.max(0, from)).filter(({ provider: name, model }) => {
    const provider = providers.get(name)?.provider;
    return provider !== undefined && !isLocalProvider(provider) && provider.format.acceptsPrefill?.(model) === true;
  });
}
