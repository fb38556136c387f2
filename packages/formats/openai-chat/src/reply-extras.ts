import { type Extensions, type JsonObject, type JsonValue, setField } from '@signalbox/kit';
import { ID } from './fields.ts';

/** Fields of a reply or chunk that the canonical model has a place for, or that say nothing about the reply. */
const KNOWN: ReadonlySet<string> = new Set(['id', 'object', 'created', 'model', 'choices', 'usage', 'error', 'x_groq']);

/** The one field of a choice that goes along. */
const NATIVE = 'native_finish_reason';

/** What only this format says about a reply: `service_tier`, `system_fingerprint`, … of all its chunks, the last wins. */
export class ReplyExtras {
  #told: JsonObject | undefined;
  #untold: JsonObject | undefined;

  add(body: JsonObject): void {
    for (const key in body) {
      const value = body[key];
      if (KNOWN.has(key) || isUnsaid(value)) continue;
      this.#set(key, value);
    }
  }

  addChoice(choice: JsonObject): void {
    const value = choice[NATIVE];
    if (!isUnsaid(value)) this.#set(NATIVE, value);
  }

  /** What came since the last time, for an event or a reply. */
  take(): { readonly extensions?: Extensions } {
    const untold = this.#untold;
    if (untold === undefined) return {};
    this.#untold = undefined;
    this.#told = { ...this.#told, ...untold };
    return { extensions: { [ID]: untold } };
  }

  #set(key: string, value: JsonValue | undefined): void {
    const known = this.#untold?.[key] ?? this.#told?.[key];
    if (known === value || (typeof value === 'object' && JSON.stringify(known) === JSON.stringify(value))) return;
    this.#untold ??= {};
    setField(this.#untold, key, value);
  }
}

function isUnsaid(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || value === '';
}

/** The same on the way to a client of this format: fields of the reply, and fields of its choice. */
export function encodeExtras(extensions: Extensions | undefined): {
  readonly body: JsonObject;
  readonly choice: JsonObject;
} {
  const body: JsonObject = {};
  const choice: JsonObject = {};
  const own = extensions?.[ID];
  for (const key in own) {
    if (key.startsWith('$') || own[key] === undefined) continue;
    setField(key === NATIVE ? choice : body, key, own[key]);
  }
  return { body, choice };
}
