import { type JsonObject, type JsonValue, parseJson } from '@signalbox/kit';
import { type Check, describeMisfit, isObject, type Misfit, valueAt } from '@signalbox/kit/tool-schemas';
import type { Repair } from './config.ts';
import { placeOf, withValueAt } from './places.ts';
import { withoutTrailingCommas } from './trailing-commas.ts';

/** One thing that was mended. */
export interface Mended {
  /** `.items[2]`; empty for the arguments as a whole. */
  readonly place: string;
  readonly what: string;
}

export type Outcome =
  | { readonly kind: 'fits' }
  | { readonly kind: 'mended'; readonly json: string; readonly repairs: readonly Mended[] }
  /** The arguments are no JSON: broken, or cut off. */
  | { readonly kind: 'unreadable' }
  | { readonly kind: 'unfit'; readonly reason: string };

/** A tool's schema, and the check against it. */
export interface Wanted {
  readonly schema: JsonObject;
  readonly check: Check;
}

/** Each round mends one place. */
const MAX_ROUNDS = 50;
/** What is wrong in so many ways is not mended in so few rounds, and looking for how takes the square of the time. */
const MAX_MISFITS = 1_000;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** Checks the text of a call's arguments, and mends it where that makes all of it fit. Values are never made up. */
export function mend(raw: string, { schema, check }: Wanted, allowed: ReadonlySet<Repair>): Outcome {
  const repairs: Mended[] = [];
  const read = readJson(raw, allowed, repairs);
  if (read === undefined) return { kind: 'unreadable' };
  let { value } = read;
  let errors = check(value);
  if (errors === undefined && repairs.length === 0) return { kind: 'fits' };
  const [first] = errors ?? [];
  for (let round = 0; errors !== undefined && errors.length <= MAX_MISFITS && round < MAX_ROUNDS; round++) {
    const step = firstStep(errors, value, schema, allowed);
    if (step === undefined) break;
    value = step.value;
    repairs.push(step.mended);
    errors = check(value);
  }
  if (errors !== undefined) {
    return { kind: 'unfit', reason: first === undefined ? 'it does not fit' : describeMisfit(first, schema) };
  }
  return { kind: 'mended', json: JSON.stringify(value), repairs };
}

function readJson(raw: string, allowed: ReadonlySet<Repair>, repairs: Mended[]): { value: JsonValue } | undefined {
  if (raw.trim() === '') return { value: {} };
  const value = parse(raw);
  if (value !== undefined || !allowed.has('trailing-commas')) return value;
  const mended = parse(withoutTrailingCommas(raw));
  if (mended !== undefined) repairs.push({ place: '', what: 'trailing commas were left out' });
  return mended;
}

function parse(json: string): { value: JsonValue } | undefined {
  try {
    return { value: parseJson(json) };
  } catch {
    return undefined;
  }
}

interface Step {
  readonly value: JsonValue;
  readonly mended: Mended;
}

function firstStep(
  errors: readonly Misfit[],
  root: JsonValue,
  schema: JsonObject,
  allowed: ReadonlySet<Repair>,
): Step | undefined {
  for (const error of errors) {
    const { instancePath: pointer } = error;
    const value = valueAt(root, pointer);
    if (value === undefined) continue;
    const better = error.keyword === 'type' ? retyped(error, value, errors, allowed) : renamed(error, value, allowed);
    if (better === undefined) continue;
    return {
      value: withValueAt(root, pointer, better.value),
      mended: { place: placeOf(schema, pointer), what: better.what },
    };
  }
  return undefined;
}

interface Better {
  readonly value: JsonValue;
  readonly what: string;
}

function retyped(
  error: Misfit,
  value: JsonValue,
  errors: readonly Misfit[],
  allowed: ReadonlySet<Repair>,
): Better | undefined {
  const said = (error.params as { type: string | string[] }).type;
  const wanted = Array.isArray(said) ? said : said.split(',');
  if (typeof value === 'string') {
    const structure = allowed.has('double-encoded') ? decoded(value, wanted) : undefined;
    if (structure !== undefined) return { value: structure, what: 'JSON inside a string was unpacked' };
    const scalar = allowed.has('from-text') ? scalarOf(value, wanted) : undefined;
    return scalar === undefined ? undefined : { value: scalar, what: `a text became ${kindOf(scalar)}` };
  }
  if (value === null || !wanted.includes('string') || !allowed.has('to-text')) return undefined;
  if (fitsElsewhere(error, errors)) return undefined;
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return { value: text, what: `${kindOf(value)} became text` };
}

function decoded(text: string, wanted: readonly string[]): JsonValue | undefined {
  const value = parse(text)?.value;
  const kind = Array.isArray(value) ? 'array' : isObject(value) ? 'object' : undefined;
  return kind !== undefined && wanted.includes(kind) ? value : undefined;
}

function scalarOf(text: string, wanted: readonly string[]): number | boolean | undefined {
  const trimmed = text.trim();
  if (wanted.includes('boolean') && /^(?:true|false)$/i.test(trimmed)) return trimmed.toLowerCase() === 'true';
  if (!NUMBER.test(trimmed)) return undefined;
  const number = Number(trimmed);
  // One that is too large or too exact for a number would be another one afterwards.
  if (!Number.isFinite(number) || (Number.isInteger(number) && !Number.isSafeInteger(number))) return undefined;
  if (wanted.includes('number') || (wanted.includes('integer') && Number.isInteger(number))) return number;
  return undefined;
}

/** Whether a branch of a choice took the value's type and only disliked something in it: then text is not what was meant. */
function fitsElsewhere({ instancePath: at }: Misfit, errors: readonly Misfit[]): boolean {
  return errors.some(
    ({ instancePath, keyword }) =>
      instancePath.startsWith(`${at}/`) ||
      (instancePath === at && keyword !== 'type' && keyword !== 'anyOf' && keyword !== 'oneOf'),
  );
}

/** A key with white space around it, where the schema has one without. */
function renamed(error: Misfit, value: JsonValue, allowed: ReadonlySet<Repair>): Better | undefined {
  if (!isObject(value) || !allowed.has('key-whitespace')) return undefined;
  const params = error.params as { missingProperty?: string; additionalProperty?: string };
  const { properties = {} } = (error.parentSchema ?? {}) as { properties?: object };
  const wrong =
    error.keyword === 'required'
      ? Object.keys(value).find((key) => key !== params.missingProperty && key.trim() === params.missingProperty)
      : error.keyword === 'additionalProperties'
        ? params.additionalProperty
        : undefined;
  const right = wrong?.trim();
  if (wrong === undefined || right === undefined || right === wrong || Object.hasOwn(value, right)) return undefined;
  if (error.keyword === 'additionalProperties' && !Object.hasOwn(properties, right)) return undefined;
  const entries = Object.entries(value).map(([key, item]) => [key === wrong ? right : key, item] as const);
  return { value: Object.fromEntries(entries), what: `the key ${JSON.stringify(wrong)} lost its white space` };
}

function kindOf(value: JsonValue): string {
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
