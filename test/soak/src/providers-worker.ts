import { parentPort } from 'node:worker_threads';
import { aboutModels, faults, otherThan, providers, respondWith, turnOf } from '@signalbox/test-faults';
import { formatOf, modelOf, type Responder, startScriptedProvider } from '@signalbox/testkit';
import { readModel } from './model-name.ts';

// All providers, in a thread of their own, so that what they remember is not counted as the gateway's memory.
// A model's name says what its answer is to be.
/** Of models. What else is asked, such as what a model can do, is on no record. */
let calls = 0;
const scripted = await startScriptedProvider({
  script: (request, wire) => {
    const isChat = formatOf(request) !== undefined;
    if (isChat) calls++;
    return (isChat ? responderFor(modelOf(request)) : aboutModels)(request, wire);
  },
});
parentPort?.on('message', () => parentPort?.postMessage({ calls, sockets: scripted.openSockets }));
parentPort?.postMessage({ url: scripted.url });

/** One that keeps count, such as `flapping`, must be the same for all tries of one request. */
const open = new Map<string, Responder>();

function responderFor(text: string): Responder {
  const { id, fault, provider, stream, place } = readModel(text);
  const kind = providers[provider];
  const { respond } = faults[fault] ?? {};
  if (kind === undefined || respond === undefined || typeof respond === 'string' || place === 1) {
    const other = kind === undefined || place === 0 ? kind : otherThan(kind);
    if (other === undefined) throw new Error(`no provider for ${text}`);
    return respondWith(other, other.answer(turnOf('beta')), stream);
  }
  let responder = open.get(id);
  if (responder === undefined) {
    responder = respond(kind, stream);
    open.set(id, responder);
    if (open.size > 2_000) for (const [oldest] of [...open].slice(0, 1_000)) open.delete(oldest);
  }
  return responder;
}
