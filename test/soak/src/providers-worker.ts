import { parentPort, workerData } from 'node:worker_threads';
import { aboutModels, type Fault, faults, otherThan, providers, respondWith, turnOf } from '@signalbox/test-faults';
import { formatOf, modelOf, type Responder, sse, startScriptedProvider } from '@signalbox/testkit';
import { readMixed, readModel } from './model-name.ts';
import { generator } from './random.ts';

type Kind = (typeof providers)[number];

// All providers, in a thread of their own, so that what they remember is not counted as the gateway's memory.
// A model's name says what its answer is to be.
/** Of models. What else is asked, such as what a model can do, is on no record. */
let calls = 0;
const random = generator((workerData as { seed: number }).seed);
const scripted = await startScriptedProvider({
  remember: false,
  script: (request, wire) => {
    const isChat = formatOf(request) !== undefined;
    if (isChat) calls++;
    return (isChat ? responderFor(modelOf(request)) : aboutModels)(request, wire);
  },
});
parentPort?.on('message', () => parentPort?.postMessage({ calls, sockets: scripted.openSockets }));
parentPort?.postMessage({ url: scripted.url });

/** Ms between two frames of a long answer: it takes some seconds. */
const LONG_MS = 250;
const BIG_PIECE = ' '.repeat(2 ** 17);
const FAULTY_SHARE = 0.25;
/** What every provider can have, and ends by itself. */
const common = faults.filter(
  ({ only, respond, limit }) => only === undefined && limit === undefined && isPlayed(respond),
);

/** One that keeps count, such as `flapping`, must be the same for all tries of one request. */
const open = new Map<string, Responder>();

function responderFor(text: string): Responder {
  const mixed = readMixed(text);
  if (mixed !== undefined) return mixedResponder(kindOf(mixed.provider, text), mixed.stream);
  const { id, fault, provider, stream, size, place } = readModel(text);
  const kind = kindOf(provider, text);
  const { respond } = faults[fault] ?? {};
  if (place === 1 || respond === undefined || !isPlayed(respond)) {
    const other = place === 0 ? kind : otherThan(kind);
    return respondWith(other, other.answer(turnOf('beta')), stream);
  }
  if (size === 'long' && stream) {
    return sse(kind.answer(turnOf('alpha')).frames, { delayMs: LONG_MS, headers: { 'content-type': kind.streamType } });
  }
  if (size === 'big') {
    const { text: words = [], ...turn } = turnOf('alpha');
    return respondWith(kind, kind.answer({ ...turn, text: [...words].flatMap((word) => [word, BIG_PIECE]) }), stream);
  }
  let responder = open.get(id);
  if (responder === undefined) {
    responder = respond(kind, stream);
    open.set(id, responder);
    if (open.size > 2_000) for (const [oldest] of [...open].slice(0, 1_000)) open.delete(oldest);
  }
  return responder;
}

/** Well most of the time, else anything. */
function mixedResponder(kind: Kind, stream: boolean): Responder {
  const fault = random() < FAULTY_SHARE ? common[Math.floor(random() * common.length)] : undefined;
  return fault !== undefined && isPlayed(fault.respond)
    ? fault.respond(kind, stream)
    : respondWith(kind, kind.answer(turnOf('alpha')), stream);
}

function isPlayed(respond: Fault['respond']): respond is Exclude<Fault['respond'], string> {
  return typeof respond === 'function';
}

function kindOf(provider: number, text: string): Kind {
  const kind = providers[provider];
  if (kind === undefined) throw new Error(`no provider for ${text}`);
  return kind;
}
