import { createRequire } from 'node:module';
import type { JsonObject, JsonValue } from '@signalbox/spec';
import type { Ajv as AjvType, Options } from 'ajv';
import { RecentMap } from '../recent-map.ts';
import { sizeOfSchema, weightOf } from './check-cost.ts';
import type { Misfit } from './misfit.ts';

/** What is wrong with a value; `undefined`: nothing, or it is too large to tell. */
export type Check = (value: JsonValue) => readonly Misfit[] | undefined;

interface Known {
  readonly check: Check | undefined;
  readonly length: number;
}

/** Schemas that are kept compiled: so many, and so many characters of them. Compiled, one takes ten times its text. */
const MAX_SCHEMAS = 500;
const MAX_CHARS = 1_000_000;
/** In characters. A larger schema costs more than a check is worth. */
const MAX_SCHEMA_LENGTH = 100_000;
/** Checks that one value may take within a schema, for which ajv's code grows with their square. */
const MAX_SCHEMA_SIZE = 2_000;
/** Checks in all: some ten milliseconds. */
const MAX_CHECKS = 1_000_000;

/** A regular expression of a stranger can take for ever, and so can comparing each item, or each key, with each other one. */
const NOT_CHECKED = ['pattern', 'uniqueItems', 'dependentRequired', 'dependencies'];

const OPTIONS: Options = {
  strict: false,
  logger: false,
  validateFormats: false,
  validateSchema: false,
  meta: false,
  // Else what is referred to is compiled, and kept, anew each time, with all its words.
  inlineRefs: false,
  // It takes ten times as long as all the rest.
  code: { optimize: false },
};

const require = createRequire(import.meta.url);

/**
 * Compiles the schemas of tools, each text once. They come from clients: what could keep the process busy, or stay in
 * its memory, is not run. Ajv is loaded for the first one, so that a gateway at rest does without.
 */
export class ToolSchemas {
  readonly #known = new RecentMap<Known>(MAX_SCHEMAS);
  readonly #options: Options;
  #chars = 0;

  /** @param options `everyMisfit`: tell all that is wrong, each with the schema around it, instead of the first. */
  constructor({ everyMisfit = false }: { readonly everyMisfit?: boolean } = {}) {
    this.#options = { ...OPTIONS, allErrors: everyMisfit, verbose: everyMisfit };
  }

  /** `undefined` for a schema that cannot be checked. */
  checkFor(schema: JsonObject): Check | undefined {
    const text = JSON.stringify(schema);
    if (text.length > MAX_SCHEMA_LENGTH) return undefined;
    const known = this.#known.get(text);
    if (known !== undefined) return known.check;
    const check = compile(schema, text, this.#options);
    this.#keep(text, check);
    return check;
  }

  #keep(text: string, check: Check | undefined): void {
    // What is over the number goes by itself.
    if (this.#known.size === MAX_SCHEMAS) this.#forgetOldest();
    this.#known.set(text, { check, length: text.length });
    this.#chars += text.length;
    while (this.#chars > MAX_CHARS) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const { value } = this.#known[Symbol.iterator]().next();
    if (value === undefined) return;
    this.#known.delete(value[0]);
    this.#chars -= value[1].length;
  }
}

function compile(schema: JsonObject, text: string, options: Options): Check | undefined {
  if (text.includes('"patternProperties"')) return undefined;
  const size = sizeOfSchema(schema, text);
  if (size > MAX_SCHEMA_SIZE) return undefined;
  const maxWeight = MAX_CHECKS / size;
  // A draft of 2019 or later has other words than one before, and not every schema says which it is.
  for (const createEngine of [newEngine, newOldEngine]) {
    // One for each schema: an engine keeps parts of all that it ever compiled.
    const engine = createEngine(options);
    for (const keyword of NOT_CHECKED) engine.removeKeyword(keyword);
    try {
      const validate = engine.compile(schema);
      // Its check would be a promise.
      if ('$async' in validate) return undefined;
      return (value) => {
        if (weightOf(value, maxWeight) >= maxWeight || validate(value)) return undefined;
        const errors = validate.errors ?? [];
        // The value is nobody's to keep.
        validate.errors = null;
        return errors;
      };
    } catch {
      // The other one may know its words; else nobody does.
    }
  }
  return undefined;
}

function newEngine(options: Options): AjvType {
  const { Ajv2020 } = require('ajv/dist/2020.js') as typeof import('ajv/dist/2020.js');
  return new Ajv2020(options);
}

function newOldEngine(options: Options): AjvType {
  const { Ajv } = require('ajv') as typeof import('ajv');
  return new Ajv(options);
}
