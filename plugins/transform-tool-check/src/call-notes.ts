import type { Exchange, JsonObject, JsonValue, StopReason } from '@signalbox/kit';
import { describeMisfit, type ToolSchemas } from '@signalbox/kit/tool-schemas';

/** Why a reply may end in the middle of a call's arguments. */
const CUT: ReadonlySet<StopReason> = new Set<StopReason>(['max-tokens', 'context-window-exceeded']);

/** What is noted about the calls of one reply. Nothing of what they hold stands in a note. */
export class CallNotes {
  readonly #schemas: ToolSchemas;
  readonly #exchange: Exchange;
  #declared: Declared | undefined;
  /** The last call, where its arguments are no JSON: whether they were cut off is said at the end only. */
  #unreadable: number | undefined;
  /** Places that have such a note, and of how many of the exchange's notes that is known. */
  readonly #noted = new Set<string>();
  #known = 0;

  constructor(schemas: ToolSchemas, exchange: Exchange) {
    this.#schemas = schemas;
    this.#exchange = exchange;
  }

  /** A call begins. Gives the schema that its arguments are to fit; `undefined`: there is none. */
  call(name: string, index: number): JsonObject | undefined {
    this.#declared ??= declaredBy(this.#exchange);
    const { schemas, complete } = this.#declared;
    if (complete && !schemas.has(name)) this.#add(`content[${index}]`, 'the client declared no such tool');
    return schemas.get(name);
  }

  /** The arguments of a call are all there; `undefined`: they are no JSON. */
  judge(input: JsonValue | undefined, schema: JsonObject, index: number): void {
    if (input === undefined) {
      this.#unreadable = index;
      return;
    }
    // The last one said is about the whole of a choice, the others are about its branches.
    const misfit = this.#schemas.checkFor(schema)?.(input)?.at(-1);
    if (misfit === undefined) return;
    this.#add(`content[${index}].input`, `does not fit the tool’s schema: ${describeMisfit(misfit, schema)}`);
  }

  /** More follows: what could not be read was not cut off by the end. */
  goOn(): void {
    if (this.#unreadable === undefined) return;
    this.#add(`content[${this.#unreadable}].input`, 'the arguments are no JSON');
    this.#unreadable = undefined;
  }

  end(stopReason: StopReason): void {
    if (!CUT.has(stopReason)) this.goOn();
  }

  /** Once for a place: a plugin that mends calls has said where it could not. */
  #add(path: string, reason: string): void {
    const { notes } = this.#exchange;
    for (const note of notes.list.slice(this.#known)) if (note.action === 'approximated') this.#noted.add(note.path);
    this.#known = notes.list.length;
    if (!this.#noted.has(path)) notes.add(path, 'approximated', reason);
  }
}

interface Declared {
  /** Each as the client wrote it, by the names of the tools; `undefined`: no schema. */
  readonly schemas: ReadonlyMap<string, JsonObject | undefined>;
  /** These are all tools that the client has. */
  readonly complete: boolean;
}

function declaredBy({ request, format }: Exchange): Declared {
  const schemas = new Map<string, JsonObject | undefined>();
  // What a request goes on from may have brought tools of its own.
  let complete = request.extensions?.[format]?.previous_response_id === undefined;
  for (const tool of request.tools) {
    if (tool.type === 'function') schemas.set(tool.name, tool.inputSchema);
    else if (tool.name === undefined) complete = false;
    else schemas.set(tool.name, undefined);
  }
  return { schemas, complete };
}
