import { type JsonObject, type JsonValue, RecentMap } from '@signalbox/kit';
import { Ajv, type ErrorObject, type Options } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { isBounded } from './schema-cost.ts';

/** What is wrong with a value, place by place; `undefined`: nothing. */
export type Check = (value: JsonValue) => readonly ErrorObject[] | undefined;

/** Schemas that are kept compiled. */
const MAX_SCHEMAS = 500;
/** In characters. A larger schema costs more than a repair is worth. */
const MAX_SCHEMA_LENGTH = 100_000;

const OPTIONS: Options = {
  allErrors: true,
  verbose: true,
  strict: false,
  logger: false,
  validateFormats: false,
  validateSchema: false,
  meta: false,
};

/**
 * Compiles tools' schemas, each text once. Schemas come from clients: what could keep the process busy, or stay in its
 * memory, is not run.
 */
export class SchemaChecker {
  readonly #checks = new RecentMap<{ readonly check: Check | undefined }>(MAX_SCHEMAS);

  /** `undefined` for a schema that cannot be checked. */
  checkFor(schema: JsonObject): Check | undefined {
    const text = JSON.stringify(schema);
    const known = this.#checks.get(text);
    if (known !== undefined) return known.check;
    const check = compile(schema, text);
    this.#checks.set(text, { check });
    return check;
  }
}

function compile(schema: JsonObject, text: string): Check | undefined {
  if (text.length > MAX_SCHEMA_LENGTH || text.includes('"patternProperties"') || !isBounded(schema, text)) {
    return undefined;
  }
  // A draft of 2019 or later has other words than one before, and not every schema says which it is.
  for (const createEngine of [() => new Ajv2020(OPTIONS), () => new Ajv(OPTIONS)]) {
    // One for each schema: an engine keeps parts of all that it ever compiled.
    const engine = createEngine();
    // A regular expression of a stranger can take for ever, and no repair depends on one.
    engine.removeKeyword('pattern');
    try {
      const validate = engine.compile(schema);
      return (value) => (validate(value) ? undefined : (validate.errors ?? []));
    } catch {
      // The other one may know its words; else nobody does.
    }
  }
  return undefined;
}
