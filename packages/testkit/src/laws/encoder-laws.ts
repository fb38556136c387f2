import assert from 'node:assert/strict';
import { type ChatReply, collectMessage, type Format, type StreamEvent } from '@signalbox/kit';
import fc from 'fast-check';
import { checkGrammar } from '../grammar.ts';
import { arbitraryReply, arbitraryRequest, arbitraryStreamEvents, type Features } from './arbitraries.ts';
import { type Essence, essence } from './compare.ts';
import { clientContext, decodeAgain, type FormatOptions, targetContext } from './format-context.ts';
import { deepFreeze, type Law, sameOr } from './law.ts';
import { decodeStream, jsonOf } from './reply-laws.ts';

const RESTRICT = 'If the format cannot say this, restrict `features` or `survives`.';

/** What a format writes, it reads back. */
export function encoderLaws(format: Format, options: FormatOptions): Law[] {
  const { survives = (value: Essence) => value, runs: numRuns = 100 } = options;
  const features: Features = { reasoningState: { origin: options.reasoningOrigin ?? format.id }, ...options.features };
  const same = (decoded: ChatReply, reply: ChatReply) =>
    sameOr(RESTRICT, survives(essence(decoded)), survives(essence(reply)));
  const encodeStream = (
    events: readonly StreamEvent[],
    before: (encoder: ReturnType<Format['createStreamEncoder']>) => string,
  ) => {
    const encoder = format.createStreamEncoder(clientContext(format, options));
    return Buffer.from(before(encoder) + encoder.encode(events));
  };
  const eachStream = (check: (events: StreamEvent[], split: number) => void) =>
    fc.assert(fc.property(arbitraryStreamEvents(features), fc.nat(), check), { numRuns });

  return [
    {
      name: 'a request that is encoded and decoded again asks for the same',
      check: () =>
        fc.assert(
          fc.property(arbitraryRequest(features), (request) => {
            const body = format.encodeRequest(deepFreeze(request), targetContext(format, options, request.model));
            const again = decodeAgain(format, body, request);
            sameOr('Model and stream are lost.', [again.model, again.stream], [request.model, request.stream]);
            const twice = format.encodeRequest(again, targetContext(format, options, request.model));
            sameOr(RESTRICT, jsonOf(twice), jsonOf(body));
          }),
          { numRuns },
        ),
    },
    {
      name: 'a whole reply that is encoded is decoded to the same',
      check: () =>
        fc.assert(
          fc.property(arbitraryReply(features), (reply) => {
            const body = format.encodeReply(deepFreeze(reply), clientContext(format, options));
            same(format.decodeReply(jsonOf(body), targetContext(format, options)), reply);
          }),
          { numRuns },
        ),
    },
    {
      name: 'F04 a stream that is encoded is decoded to the same, in any batches',
      check: () =>
        eachStream((events, split) => {
          const encoder = format.createStreamEncoder(clientContext(format, options));
          const at = split % (events.length + 1);
          const wire = encoder.encode(deepFreeze(events.slice(0, at))) + encoder.encode(deepFreeze(events.slice(at)));
          const decoded = decodeStream(format, [Buffer.from(wire)], options);
          checkGrammar(decoded);
          same(collectMessage(decoded), collectMessage(events));
        }),
    },
    {
      name: 'F20 F03 a stream that was opened early and kept alive says the same, and starts once',
      check: () =>
        eachStream((events) => {
          const wire = encodeStream(events, (encoder) => encoder.open() + encoder.keepAlive() + encoder.keepAlive());
          const decoded = decodeStream(format, [wire], options);
          checkGrammar(decoded);
          same(collectMessage(decoded), collectMessage(events));
        }),
    },
    {
      name: 'F20 keeping alive in the middle of a stream adds nothing to it',
      check: () =>
        eachStream((events, split) => {
          const encoder = format.createStreamEncoder(clientContext(format, options));
          const at = 1 + (split % (events.length - 1));
          const wire = encoder.encode(events.slice(0, at)) + encoder.keepAlive() + encoder.encode(events.slice(at));
          same(collectMessage(decodeStream(format, [Buffer.from(wire)], options)), collectMessage(events));
        }),
    },
    {
      name: 'F21 a stream that is encoded without its end is decoded as cut',
      check: () =>
        eachStream((events, split) => {
          const wire = encodeStream(events.slice(0, split % events.length), () => '');
          const decoded = decodeStream(format, [wire], options);
          checkGrammar(decoded);
          assert.equal(decoded.at(-1)?.type, 'error');
        }),
    },
  ];
}
