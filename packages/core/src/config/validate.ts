import type { TSchema } from '@signalbox/kit';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import leven from 'leven';
import type { JsonPath } from './document.ts';
import { convert, References } from './references.ts';

const ajv = new Ajv({ allErrors: true, useDefaults: true, strict: false, verbose: true });
const compiled = new WeakMap<object, ValidateFunction>();

export interface Mismatch {
  /** Below the value that was checked. */
  readonly path: JsonPath;
  readonly message: string;
  /** The key itself is wrong, not its value. */
  readonly atKey: boolean;
}

/**
 * Checks `value` against a schema and fills in its defaults in place. Returns what does not fit, in words. A text that a
 * reference has brought becomes the number or truth value that the schema wants.
 */
export function validate(schema: TSchema, value: unknown, references = new References()): readonly Mismatch[] {
  let check = compiled.get(schema);
  if (check === undefined) {
    check = ajv.compile(schema);
    compiled.set(schema, check);
  }
  do {
    if (check(value)) return [];
  } while (convertOne(check.errors ?? [], value, references));
  const mismatches = ofTheirKind(check.errors ?? [])
    .map((error) => describe(error, references))
    .filter((mismatch) => mismatch !== undefined);
  // A union reports every branch that did not fit; one line per place and text is enough.
  const seen = new Set<string>();
  return mismatches.filter(({ path, message }) => {
    const key = JSON.stringify([path, message]);
    return seen.has(key) ? false : seen.add(key);
  });
}

/**
 * Without what the branches of a union say that are for another kind of value, where some branch is for this kind: an object
 * with a wrong key is no string that is missing.
 */
function ofTheirKind(failures: readonly ErrorObject[]): readonly ErrorObject[] {
  const unions = failures.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
  return unions.reduce((left, { schemaPath: union, instancePath, schema }) => {
    const ofBranch = ({ schemaPath }: ErrorObject): string | undefined =>
      schemaPath.startsWith(`${union}/`) ? schemaPath.slice(union.length + 1).split('/', 1)[0] : undefined;
    const strange = new Set(left.filter((one) => isKind(one, instancePath)).flatMap((one) => ofBranch(one) ?? []));
    if (strange.size === 0 || strange.size >= (schema as readonly unknown[]).length) return left;
    return left.filter((one) => !strange.has(ofBranch(one) ?? ''));
  }, failures);
}

/** It is the whole value of which the kind is wrong. */
function isKind({ keyword, instancePath }: ErrorObject, path: string): boolean {
  return instancePath === path && keyword === 'type';
}

/** @returns whether there was one; then all is to be checked anew. */
function convertOne(failures: readonly ErrorObject[], value: unknown, references: References): boolean {
  return failures.some((error) => {
    if (error.keyword !== 'type') return false;
    const path = pathOf(error);
    return references.at(path) !== undefined && convert(value, path, String(error.params.type));
  });
}

function pathOf({ instancePath }: ErrorObject): JsonPath {
  return instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function describe(error: ErrorObject, references: References): Mismatch | undefined {
  const path = pathOf(error);
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const key = String(error.params.additionalProperty ?? error.params.unevaluatedProperty);
      const known = Object.keys((error.parentSchema as { properties?: object }).properties ?? {});
      return { path: [...path, key], message: `unknown key.${suggest(key, known)}`, atKey: true };
    }
    case 'required':
      return { path: [...path, String(error.params.missingProperty)], message: 'required, but missing', atKey: false };
    case 'enum': {
      const allowed = (error.params.allowedValues as unknown[]).map((value) => JSON.stringify(value));
      return { path, message: `must be one of ${allowed.join(', ')}, not ${print(error.data)}`, atKey: false };
    }
    case 'const':
      return {
        path,
        message: `must be ${JSON.stringify(error.params.allowedValue)}, not ${print(error.data)}`,
        atKey: false,
      };
    case 'type': {
      const type = String(error.params.type);
      const reference = references.at(path);
      const hint = type === 'boolean' ? ': write true or false' : '';
      const instead =
        reference === undefined ? `not ${print(error.data)}` : `and the text of ${reference} is none${hint}`;
      return { path, message: `must be ${article(type)}, ${instead}`, atKey: false };
    }
    case 'anyOf':
    case 'oneOf':
    case 'if':
      // The branches have said it.
      return undefined;
    default:
      return { path, message: error.message ?? `does not fit ${error.keyword}`, atKey: false };
  }
}

function article(type: string): string {
  return `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}

/** A value as a hint: its kind, and the value itself only where it cannot be a secret. */
function print(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'string' ? 'this string' : article(typeof value);
}

/** ` Did you mean "apiKey"?`, or the whole list where nothing is near and the list is short. */
export function suggest(word: string, known: readonly string[]): string {
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.ceil(word.length / 3)) + 1;
  for (const candidate of known) {
    const distance = leven(lower, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  if (best !== undefined) return ` Did you mean "${best}"?`;
  return known.length > 0 && known.length <= 12 ? ` Known: ${known.join(', ')}.` : '';
}
