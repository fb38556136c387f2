import { type ChatReply, collectMessage, type JsonObject } from '@signalbox/kit';
import { clients } from '@signalbox/test-faults';
import type { Turn } from '@signalbox/testkit';
import { newTarget } from './contexts.ts';
import { BOUND_MS, type FuzzedGateway, TARGET_HEADER } from './gateway.ts';
import { type FuzzedProvider, turnAnswer } from './providers.ts';
import type { Subject } from './subjects.ts';
import { decodeAll } from './targets/answers.ts';
import { hear, isErrorOf } from './targets/heard.ts';

let number = 0;

/** What one question came to. */
export interface Asked {
  readonly status: number;
  /** What the client read; `undefined` for an error. */
  readonly reply: ChatReply | undefined;
  /** What the provider was asked with; empty where it was not. */
  readonly sent: string;
  readonly raw: string;
}

/** Clients that talk for a while: each question is answered with a turn, and it is seen what the provider was asked. */
export class Session {
  readonly #gateway: FuzzedGateway;
  readonly #client: Subject;
  readonly #provider: FuzzedProvider;

  constructor(gateway: FuzzedGateway, client: Subject, provider: FuzzedProvider) {
    this.#gateway = gateway;
    this.#client = client;
    this.#provider = provider;
  }

  async ask(body: JsonObject, turn: Turn, stream: boolean): Promise<Asked> {
    const { format, id } = this.#client;
    const model = `fuzz-${number++}x`;
    let sent = '';
    this.#provider.answer(model, (streams, asked) => {
      sent = asked;
      return turnAnswer(this.#provider.subject, turn, streams);
    });
    const target = { [TARGET_HEADER]: `${this.#provider.subject.id}/${model}` };
    const path = clients.find((client) => client.id === id)?.path(stream) ?? '/';
    const { status, raw } = await this.call('POST', path, { ...body, stream }, target);
    this.#provider.forget(model);
    if (status >= 400) return { status, reply: undefined, sent, raw };
    const reply = stream
      ? collectMessage(decodeAll(format, [Buffer.from(raw)]))
      : format.decodeReply(JSON.parse(raw) as JsonObject, newTarget(format, 'asked-for'));
    return { status, reply, sent, raw };
  }

  /** @throws {Error} for what is neither an answer nor an error that the client reads and is to blame for. */
  async call(
    method: string,
    path: string,
    body?: JsonObject,
    more: Record<string, string> = {},
  ): Promise<{ readonly status: number; readonly raw: string }> {
    const { id } = this.#client;
    const { headers = {} } = clients.find((client) => client.id === id) ?? {};
    const all = { ...headers, 'content-type': 'application/json', ...more };
    const sent = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const { status, raw, broken } = await hear(
      this.#gateway.url + path,
      method,
      all,
      sent,
      AbortSignal.timeout(BOUND_MS),
    );
    const text = raw.toString();
    const isError = status >= 400 && status < 500 && isErrorOf(id, text);
    if (broken !== undefined || (status !== 200 && !isError)) {
      throw new Error(`${method} ${path} ${sent}: ${broken ?? ''} ${status} ${text.slice(0, 1_000)}`);
    }
    return { status, raw: text };
  }
}
