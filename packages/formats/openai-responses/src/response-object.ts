import { type ClientContext, type Extensions, type JsonObject, MADE_UP, newId, setField } from '@signalbox/kit';
import { ID, isObject } from './fields.ts';
import { keeperOf, mayBeKept } from './response-keeper.ts';

/** The id that the client sees for the answer to this exchange. */
export function responseId(exchangeId: string | undefined): string {
  return exchangeId === undefined ? newId(`resp_${MADE_UP}`) : `resp_${exchangeId}`;
}

/** How much of the request a response repeats. `short` leaves out instructions and tools, which may be long. */
export type Echo = 'short' | 'full';

/**
 * The response object without what comes last: `output` and whatever follows it. It repeats what the client asked for,
 * as this wire does.
 */
export class ResponseObject {
  /** What the client knows it by. */
  id: string;
  readonly #client: ClientContext;
  readonly #createdAt = Math.floor(Date.now() / 1_000);
  #extras: JsonObject = {};

  constructor(client: ClientContext) {
    this.#client = client;
    this.id = responseId(client.id);
  }

  /** What the provider says about its reply in this format. */
  extend(extensions: Extensions | undefined): void {
    if (extensions === undefined) return;
    this.#client.notes.foreignExtensions(extensions, ID, '');
    const own = extensions[ID];
    for (const key in own) if (!key.startsWith('$')) this.#extras[key] = own[key];
  }

  with(status: string, echo: Echo, more: JsonObject = {}): JsonObject {
    const asked = this.#client.request.extensions?.[ID]?.$echo;
    const { instructions, tools, ...rest } = isObject(asked) ? asked : {};
    const keeper = keeperOf(this.#client);
    return {
      id: this.id,
      object: 'response',
      created_at: this.#createdAt,
      status,
      background: false,
      error: null,
      incomplete_details: null,
      instructions: echo === 'full' ? (instructions ?? null) : null,
      max_output_tokens: null,
      model: this.#client.model,
      parallel_tool_calls: true,
      previous_response_id: null,
      reasoning: { effort: null, summary: null },
      temperature: 1,
      text: { format: { type: 'text' } },
      tool_choice: 'auto',
      tools: echo === 'full' ? (tools ?? []) : [],
      top_p: 1,
      truncation: 'disabled',
      metadata: {},
      ...present(rest),
      // Unless somebody keeps it here nothing is kept, whatever was asked for.
      store: keeper !== undefined && mayBeKept(this.#client.request),
      ...(keeper?.previous === undefined ? {} : { previous_response_id: keeper.previous }),
      ...this.#extras,
      ...more,
    };
  }
}

/** The response is finished, and the client about to get it: whoever keeps it gets it now. */
export function tellKeeper(client: ClientContext, response: JsonObject, output: () => readonly string[]): void {
  const keeper = keeperOf(client);
  if (keeper !== undefined && mayBeKept(client.request)) keeper.keep(response, output());
}

function present(fields: JsonObject): JsonObject {
  const kept: JsonObject = {};
  for (const key in fields) if (fields[key] !== null) setField(kept, key, fields[key]);
  return kept;
}

/** Codex shows no refusals, and takes a filtered answer for one to ask for again. */
export function showsNoRefusals({ headers }: Pick<ClientContext, 'headers'>): boolean {
  return /^codex/i.test(headers.originator ?? headers['user-agent'] ?? '');
}
