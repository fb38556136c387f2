import type { JsonObject } from '@signalbox/kit';
import type { FuzzedGateway } from '../gateway.ts';
import type { FuzzedProvider } from '../providers.ts';
import type { Random } from '../random.ts';
import { Session } from '../sessions.ts';
import { subjects } from '../subjects.ts';
import type { Target } from '../target.ts';

/** What the model of the store knows of an item of a conversation. */
interface Item {
  readonly role: 'user' | 'assistant';
  /** By which it may be referred to. */
  readonly id: string | undefined;
  /** A word that stands nowhere else. */
  readonly word: string;
}

interface Response {
  readonly id: string;
  readonly conversation: readonly Item[];
}

let words = 0;
const WORD = /word-\d+-end/g;

/**
 * Clients that go on from responses which the gateway keeps, refer to their items, ask for them and delete them, against a
 * model of it all: the provider is asked with the whole conversation, each word once, and nothing that was deleted is found.
 */
export function storedTarget(gateway: FuzzedGateway, providers: readonly FuzzedProvider[]): Target {
  const client = subjects.find(({ id }) => id === 'openai-responses');
  const elsewhere = providers.filter(({ subject }) =>
    ['openai-chat', 'anthropic-messages', 'gemini'].includes(subject.id),
  );
  if (client === undefined) throw new Error('there are no clients of the Responses API');
  return {
    name: 'stored',
    atOnce: 4,
    run: async (random) => {
      const session = new StoredSession(random, new Session(gateway, client, random.pick(elsewhere)));
      for (let left = 2 + random.int(10); left > 0; left--) await session.step();
      await session.end();
    },
  };
}

class StoredSession {
  readonly #random: Random;
  readonly #session: Session;
  readonly #live: Response[] = [];
  readonly #gone: string[] = ['resp_sbx_nobodyhaseverheardofit'];

  constructor(random: Random, session: Session) {
    this.#random = random;
    this.#session = session;
  }

  async step(): Promise<void> {
    const share = this.#random.next();
    if (share < 0.6 || this.#live.length === 0) await this.#create();
    else if (share < 0.75) await this.#delete(this.#random.pick(this.#live));
    else if (share < 0.85) await this.#retrieve(this.#random.pick(this.#live));
    else if (share < 0.95) await this.#list(this.#random.pick(this.#live));
    else await this.#missing(this.#random.pick(this.#gone));
  }

  /** Nothing stays, so that the heap tells of leaks alone. */
  async end(): Promise<void> {
    while (this.#live[0] !== undefined) await this.#delete(this.#live[0]);
    for (const id of this.#gone) await this.#missing(id);
  }

  async #create(): Promise<void> {
    const random = this.#random;
    const previous = this.#live.length > 0 && random.chance(0.7) ? random.pick(this.#live) : undefined;
    const lost = previous === undefined && random.chance(0.1) ? random.pick(this.#gone) : undefined;
    const conversation: Item[] = [...(previous?.conversation ?? [])];
    const input = this.#input(conversation);
    const store = random.chance(0.8);
    const answer = `word-${words++}-end`;
    const id = previous?.id ?? lost;
    const asked = { model: 'asked-for', input, store, ...(id === undefined ? {} : { previous_response_id: id }) };
    const { status, reply, sent, raw } = await this.#session.ask(asked, { text: answer }, random.chance(0.4));
    if (lost !== undefined) {
      if (status < 400 || sent !== '') throw new Error(`what is gone is gone on from: ${JSON.stringify(asked)} ${raw}`);
      return;
    }
    const expected = conversation.map(({ word }) => word).join(' ');
    const got = (sent.match(WORD) ?? []).join(' ');
    if (status !== 200 || got !== expected) {
      throw new Error(`asked with “${got}”, not “${expected}”: ${JSON.stringify(asked)} became ${sent}, ${raw}`);
    }
    const said = /"(resp_[\w-]+)"/.exec(raw)?.[1] ?? '';
    const itemId = /"(msg_[\w-]+)"/.exec(raw)?.[1];
    if (JSON.stringify(reply?.content).match(WORD)?.join() !== answer) throw new Error(`the answer is ${raw}`);
    if (!store) this.#gone.push(said);
    else
      this.#live.push({ id: said, conversation: [...conversation, { role: 'assistant', id: itemId, word: answer }] });
  }

  /** What a client sends beside what it goes on from, which comes behind the conversation. */
  #input(conversation: Item[]): string | JsonObject[] {
    const random = this.#random;
    if (random.chance(0.4)) {
      const word = `word-${words++}-end`;
      conversation.push({ role: 'user', id: undefined, word });
      return word;
    }
    const input: JsonObject[] = [];
    for (let left = random.few(3); left > 0; left--) {
      const known = this.#live.flatMap((response) => response.conversation).filter(({ id }) => id !== undefined);
      const referred = known.length > 0 && random.chance(0.4) ? random.pick(known) : undefined;
      if (referred?.id !== undefined) {
        input.push({ type: 'item_reference', id: referred.id });
        // What stands there already is not said twice.
        if (!conversation.some(({ id }) => id === referred.id)) conversation.push(referred);
      }
      const word = `word-${words++}-end`;
      const content = random.chance(0.5) ? word : [{ type: 'input_text', text: word }];
      input.push({ ...(random.chance(0.5) ? { type: 'message' } : {}), role: 'user', content });
      conversation.push({ role: 'user', id: undefined, word });
    }
    return input;
  }

  async #delete(response: Response): Promise<void> {
    const { status, raw } = await this.#session.call('DELETE', `/v1/responses/${response.id}`);
    if (status !== 200 || (JSON.parse(raw) as JsonObject).deleted !== true) throw new Error(`not deleted: ${raw}`);
    this.#live.splice(this.#live.indexOf(response), 1);
    this.#gone.push(response.id);
  }

  async #retrieve({ id, conversation }: Response): Promise<void> {
    const { status, raw } = await this.#session.call('GET', `/v1/responses/${id}`);
    const { output } = JSON.parse(raw) as JsonObject;
    const word = JSON.stringify(output).match(WORD)?.join();
    if (status !== 200 || word !== conversation.at(-1)?.word) throw new Error(`${id} is ${raw}`);
  }

  async #list({ id, conversation }: Response): Promise<void> {
    const { status, raw } = await this.#session.call('GET', `/v1/responses/${id}/input_items?order=asc&limit=100`);
    const expected = conversation.slice(0, -1).map(({ word }) => word);
    if (status !== 200 || (raw.match(WORD) ?? []).join() !== expected.join()) {
      throw new Error(`the items of ${id} are not ${expected}: ${raw}`);
    }
  }

  async #missing(id: string): Promise<void> {
    for (const path of [`/v1/responses/${id}`, `/v1/responses/${id}/input_items`]) {
      const { status, raw } = await this.#session.call('GET', path);
      if (status !== 404) throw new Error(`${id} is still there: ${status} ${raw}`);
    }
  }
}
