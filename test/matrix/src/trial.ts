import type { ExchangeRecord, FidelityNote, JsonObject } from '@signalbox/kit';
import { json, type Responder, sse, type Turn, type WireTurn } from '@signalbox/testkit';
import type { Bench, Line } from './bench.ts';
import { object, parse } from './json.ts';
import type { Ask, ClientKind, Heard, ProviderKind, Said } from './wire.ts';

/** What came of one request, at both ends. */
export interface Exchange {
  readonly status: number;
  readonly headers: Headers;
  readonly raw: string;
  readonly said: Said;
  /** `undefined`: the provider was not asked. */
  readonly heard: Heard | undefined;
  readonly record: ExchangeRecord;
}

/** A turn as it stands on the wire. */
export type WireAnswer = Pick<WireTurn, 'body' | 'frames'>;

/** One scenario between one client and one provider, in one mode. It collects what is wrong. */
export class Trial {
  readonly client: ClientKind;
  readonly provider: ProviderKind;
  readonly stream: boolean;
  readonly line: Line;
  /** What is wrong, by topic. */
  readonly problems: { readonly topic: string; readonly what: string }[] = [];
  /** What the receipts say, and the log where there is no room for a receipt. */
  readonly notes: FidelityNote[] = [];
  readonly url: string;
  #exchanges = 0;

  constructor(bench: Bench, { client, provider, stream }: Pick<Trial, 'client' | 'provider' | 'stream'>) {
    this.client = client;
    this.provider = provider;
    this.stream = stream;
    this.url = bench.url;
    this.line = bench.line(provider);
  }

  check(topic: string, holds: boolean, what: string): void {
    if (!holds) this.problems.push({ topic, what });
  }

  body(ask: Ask): JsonObject {
    return this.client.body(ask, this.line.model, this.stream);
  }

  /** Asks, and has the provider answer with this turn, or with what stands for one on the wire. */
  ask(body: JsonObject, turn: Turn | WireAnswer): Promise<Exchange> {
    return this.askFor(body, this.answer('frames' in turn ? turn : this.provider.answer(turn)));
  }

  /** Asks, and has the provider do this. */
  async askFor(body: JsonObject, responder: Responder): Promise<Exchange> {
    const { client, line, stream } = this;
    line.answer(responder);
    const asked = line.requests.length;
    const answer = await this.fetch(client.path(line.model, stream), body);
    const raw = await textOf(answer);
    const record = await line.record(this.#exchanges++);
    const request = line.requests[asked];
    const notes = receiptOf(answer.headers, raw);
    if (answer.status === 200) {
      this.check('receipt', JSON.stringify(notes) === JSON.stringify(record.notes), 'the receipt is not the log’s');
    }
    this.notes.push(...record.notes);
    return {
      status: answer.status,
      headers: answer.headers,
      raw,
      said: client.read(raw, stream),
      heard: request === undefined ? undefined : this.provider.read(request),
      record,
    };
  }

  fetch(path: string, body: JsonObject, signal: AbortSignal = AbortSignal.timeout(10_000)): Promise<Response> {
    const headers = { 'content-type': 'application/json', 'x-signalbox-receipt': 'full', ...this.client.headers };
    return fetch(this.url + path, { method: 'POST', headers, body: JSON.stringify(body), signal });
  }

  answer({ body, frames }: WireAnswer): Responder {
    return this.stream ? this.streamed(frames) : json(200, body);
  }

  streamed(parts: readonly string[]): Responder {
    return sse(parts, { headers: { 'content-type': this.provider.streamType } });
  }
}

/** Everything that came, also where the connection broke. */
async function textOf(answer: Response): Promise<string> {
  const decoder = new TextDecoder();
  let raw = '';
  try {
    for await (const chunk of answer.body ?? []) raw += decoder.decode(chunk, { stream: true });
  } catch {
    // What is missing is seen in what is there.
  }
  return raw + decoder.decode();
}

/** The notes as the client gets them: in a header, in the last comment, or in the last frame. */
function receiptOf(headers: Headers, raw: string): unknown {
  const header = headers.get('x-signalbox-receipt');
  if (header !== null) return parse(header);
  const [, comment] = /\n\n: signalbox-receipt (.*)\n\n$/.exec(raw) ?? [];
  if (comment !== undefined) return parse(comment);
  const last = raw.trimEnd().split('\n').at(-1) ?? '';
  return object(parse(last.replace(/^(?:data: |\[)/, '').replace(/\]$/, ''))).x_signalbox_receipt;
}
