import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JsonObject, Plugin } from '@signalbox/kit';
import providerBedrock from '@signalbox/provider-bedrock';
import { providers as kinds } from '@signalbox/test-faults';
import type { Turn } from '@signalbox/testkit';
import { TIMEOUTS } from './gateway.ts';
import type { Random } from './random.ts';
import { type Subject, subjects } from './subjects.ts';
import { converseSubject } from './targets/converse.ts';

/** What a provider does with one request. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: readonly Uint8Array[];
  /** How it ends: in order, without a word, with a broken connection, or not at all. */
  readonly end: 'end' | 'fin' | 'rst' | 'hang';
  /** What comes of a packed body, in whole or in part; `undefined`: nobody knows. */
  readonly inside?: Buffer | undefined;
  /** It is silent for so long before anything, headers included. */
  readonly waitMs?: number;
}

type Choose = (stream: boolean, body: string) => Answer;

export interface FuzzedProvider {
  readonly subject: Subject;
  readonly url: string;
  readonly plugin: readonly [plugin: Plugin, options: JsonObject];
  /** Scripts the answer to whoever asks for `model`; `body`: what it was asked with. */
  answer(model: string, choose: Choose): void;
  /** What it says about all of its models from now on, where it is asked. */
  about: string;
  forget(model: string): void;
  close(): Promise<void>;
}

const MODEL = /fuzz-\d+x/;
/** As Ollama has it; others are not asked. */
export const ABOUT = JSON.stringify({
  capabilities: ['completion', 'tools', 'thinking', 'vision'],
  model_info: { 'general.architecture': 'gptoss', 'gptoss.context_length': 131_072 },
  parameters: 'num_ctx 8192',
  template: '{{ .Tools }}',
  models: [],
});
export const STREAM_TYPES: Readonly<Record<string, string>> = {
  ollama: 'application/x-ndjson',
  'bedrock-converse': 'application/vnd.amazon.eventstream',
};
export const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/** A server for every format that a provider speaks. They remember nothing, so that only the gateway's memory counts. */
export async function startProviders(): Promise<readonly FuzzedProvider[]> {
  return Promise.all([...subjects, converseSubject].map(startProvider));
}

async function startProvider(subject: Subject): Promise<FuzzedProvider> {
  const scripts = new Map<string, Choose>();
  const state = { about: ABOUT };
  const server = createServer({ keepAliveTimeout: 5_000 }, (request, response) => {
    respond(request, response, scripts, state.about).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    subject,
    url,
    plugin: pluginOf(subject, url),
    get about() {
      return state.about;
    },
    set about(said) {
      state.about = said;
    },
    answer: (model, choose) => void scripts.set(model, choose),
    forget: (model) => void scripts.delete(model),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function pluginOf({ id }: Subject, url: string): readonly [Plugin, JsonObject] {
  const kind = kinds.find((one) => one.id === id);
  if (kind !== undefined) return kind.plugin(id, url, TIMEOUTS);
  const options = { region: 'eu-central-1', apiKey: 'a-key-of-nobody', timeouts: TIMEOUTS };
  return [providerBedrock, { name: id, baseUrl: url, ...options }];
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  scripts: ReadonlyMap<string, Choose>,
  about: string,
): Promise<void> {
  response.on('error', () => {}); // a broken connection is part of the scripts
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const body = Buffer.concat(parts).toString();
  const asked = `${decodeURIComponent(request.url ?? '')} ${body}`;
  const script = scripts.get(MODEL.exec(asked)?.[0] ?? '');
  if (script === undefined || request.url?.endsWith('/api/show')) {
    // What is asked about models, or nobody waits for any more.
    response.setHeader('content-type', 'application/json');
    response.end(about);
    return;
  }
  await write(response, script(/[sS]tream(GenerateContent|\?|$| )|"stream":true/.test(asked), body));
}

async function write(response: ServerResponse, { status, headers, chunks, end, waitMs }: Answer): Promise<void> {
  if (waitMs !== undefined) await new Promise((resolve) => setTimeout(resolve, waitMs));
  if (response.destroyed) return;
  response.writeHead(status, headers);
  response.flushHeaders();
  for (const chunk of chunks) {
    if (response.destroyed) return;
    response.write(chunk);
    // What one turn writes is one packet: pieces are to come as pieces now and then.
    if (chunks.length < 50) await nextTurn();
  }
  if (end === 'end') response.end();
  else if (end === 'fin') response.socket?.destroySoon();
  else if (end === 'rst') response.socket?.resetAndDestroy();
}

/** A turn as this provider says it. */
export function turnAnswer({ id }: Subject, turn: Turn, stream: boolean): Answer {
  const kind = kinds.find((one) => one.id === id);
  if (kind === undefined) throw new Error(`nobody knows how ${id} says a turn`);
  const { body, frames } = kind.answer(turn);
  const said = Buffer.from(stream ? frames.join('') : JSON.stringify(body));
  const type = stream ? kind.streamType : 'application/json';
  return { status: 200, headers: { 'content-type': type }, chunks: [said], end: 'end' };
}

/** A sound answer, streamed or whole. */
export function soundAnswer(random: Random, subject: Subject, stream: boolean): Answer {
  const { data, print } = random.pick(subject.streams.filter((frames) => frames.data.length > 2));
  const bytes = stream ? Buffer.concat(data.map(print)) : Buffer.from(JSON.stringify(random.pick(subject.replies)));
  const type = stream ? (STREAM_TYPES[subject.id] ?? EVENT_STREAM) : 'application/json';
  return { status: 200, headers: { 'content-type': type }, chunks: [bytes], end: 'end' };
}
