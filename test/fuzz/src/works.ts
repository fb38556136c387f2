import { collectMessage, estimatePromptTokens, type Format, type JsonObject } from '@signalbox/kit';
import { newClient, newDecoding, newTarget } from './contexts.ts';
import type { Work } from './growth.ts';
import { ENDLESS, LARGE_ANSWERS, LARGE_STREAMS } from './large-answers.ts';
import { LARGE_REQUESTS } from './large-requests.ts';
import { type Subject, subjects } from './subjects.ts';
import { orOurs } from './target.ts';
import { converse, providerFormats } from './targets/provider-formats.ts';

/** Everything that reads or writes something of any size. `thorough`: every dialect, and pieces of other sizes. */
export function works(thorough: boolean): readonly Work[] {
  const providers = thorough ? providerFormats : [...subjects.map(({ format }) => format), converse];
  return [
    ...Object.keys(LARGE_REQUESTS).flatMap((what) => [
      ...providers.map((format) => encodesRequest(what, format)),
      ...subjects.map((subject) => decodesRequest(what, subject)),
    ]),
    ...Object.keys(LARGE_ANSWERS).flatMap((what) => [
      collects(what),
      ...subjects.flatMap((subject) => tells(what, subject, thorough)),
    ]),
    ...Object.entries(LARGE_STREAMS).flatMap(([what, [id, make]]) =>
      subjects.filter((subject) => subject.id === id).flatMap((subject) => reads(what, make, subject, thorough)),
    ),
    ...Object.entries(ENDLESS).flatMap(([what, make]) => [
      ...subjects.flatMap((subject) => reads(what, make, subject, thorough)),
      ...(thorough ? PIECES : [PIECE]).map((piece) => decodes(`${what} by ${piece}`, make, converse, piece)),
    ]),
  ];
}

const PIECE = 200;
const PIECES = [PIECE, 16_000];

function encodesRequest(what: string, format: Format): Work {
  return {
    name: `${what}, said to ${format.id}`,
    prepare: (size) => {
      const request = LARGE_REQUESTS[what]?.(size);
      if (request === undefined) return undefined;
      return () => orOurs(() => JSON.stringify(format.encodeRequest(request, newTarget(format, 'm'))));
    },
  };
}

function decodesRequest(what: string, { format }: Subject): Work {
  return {
    name: `${what}, read by ${format.id}`,
    prepare: (size) => {
      const request = LARGE_REQUESTS[what]?.(size);
      const said = request && orOurs(() => JSON.stringify(format.encodeRequest(request, newTarget(format, 'm'))));
      if (said === undefined) return undefined;
      const body = JSON.parse(said) as JsonObject;
      return () => orOurs(() => estimatePromptTokens(format.decodeRequest(body, newDecoding(format))));
    },
  };
}

function collects(what: string): Work {
  return {
    name: `${what}, collected`,
    prepare: (size) => {
      const events = LARGE_ANSWERS[what]?.(size) ?? [];
      return () => void collectMessage(events);
    },
  };
}

/** A client of this format is told an answer, and a provider of it tells one. */
function tells(what: string, { format, dialects, requests }: Subject, thorough: boolean): Work[] {
  const client = () => newClient(format.decodeRequest(requests[0] ?? {}, newDecoding(format, true)));
  const eventsOf = (size: number) => LARGE_ANSWERS[what]?.(size) ?? [];
  const stream = (size: number) => format.createStreamEncoder(client()).encode(eventsOf(size));
  const whole = (size: number) => JSON.stringify(format.encodeReply(collectMessage(eventsOf(size)), client()));
  return [
    {
      name: `${what}, streamed to ${format.id}`,
      prepare: (size) => {
        const events = eventsOf(size);
        const encoder = format.createStreamEncoder(client());
        return () => {
          for (const event of events) encoder.encode([event]);
        };
      },
    },
    {
      name: `${what}, told to ${format.id} as a whole`,
      prepare: (size) => {
        const reply = collectMessage(eventsOf(size));
        const context = client();
        return () => void JSON.stringify(format.encodeReply(reply, context));
      },
    },
    ...(thorough ? [format, ...dialects] : [format]).flatMap((dialect): Work[] => [
      ...reads(what, stream, { format: dialect, dialects: [] }, thorough),
      {
        name: `${what}, read as a whole by ${format.id}`,
        prepare: (size) => {
          const body = JSON.parse(whole(size)) as JsonObject;
          return () => void orOurs(() => dialect.decodeReply(body, newTarget(dialect, 'm')));
        },
      },
    ]),
  ];
}

/** A stream that comes in pieces, read and passed on. */
function reads(
  what: string,
  make: (size: number) => string,
  { format, dialects }: Pick<Subject, 'format' | 'dialects'>,
  thorough: boolean,
): Work[] {
  return (thorough ? PIECES : [PIECE]).flatMap((piece) =>
    (thorough ? [format, ...dialects] : [format]).flatMap((dialect) => [
      decodes(`${what} by ${piece}`, make, dialect, piece),
      ...(thorough ? [undefined, 'asked-for'] : ['asked-for']).map(
        (echoModel): Work => ({
          name: `${what} by ${piece}, passed on by ${format.id}${echoModel === undefined ? '' : ' under another name'}`,
          prepare: (size) => {
            const chunks = inPieces(make(size), piece);
            return () => {
              const relay = dialect.createStreamRelay({ echoModel });
              for (const chunk of chunks) relay.push(chunk);
              relay.end();
            };
          },
        }),
      ),
    ]),
  );
}

function decodes(what: string, make: (size: number) => string, format: Format, piece: number): Work {
  return {
    name: `${what}, read by ${format.id}`,
    prepare: (size) => {
      const chunks = inPieces(make(size), piece);
      return () => {
        const decoder = format.createStreamDecoder(newTarget(format, 'm'));
        for (const chunk of chunks) decoder.push(chunk);
        decoder.end();
      };
    },
  };
}

function inPieces(text: string, length: number): Buffer[] {
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += length) pieces.push(bytes.subarray(at, at + length));
  return pieces;
}
