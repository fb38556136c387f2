import type { ModelCapabilities, ModelInfo, ModelPrices, TokenPrices } from '@signalbox/kit';

/** Says where a value is not what it must be: `models[3].prices.input: …`. */
export class MalformedList extends Error {}

/** Dearer than any model by far: a price above it was given in another unit. */
const HIGHEST_USD_PER_MILLION = 10_000;
const MOST_TOKENS = 1_000_000_000;

const PRICES = ['input', 'output', 'cacheRead', 'cacheWrite', 'cacheWrite1h'] as const;
const CAPABILITIES = [
  'images',
  'documents',
  'tools',
  'reasoning',
  'structuredOutput',
  'webSearch',
  'prefill',
] as const satisfies readonly (keyof ModelCapabilities)[];

/** A list of models as the cache file or a provider gives it. @throws {MalformedList} on the first thing that does not fit. */
export function decodeModels(value: unknown, path = 'models'): readonly ModelInfo[] {
  const models = array(value, path).map((entry, index) => decodeModel(entry, `${path}[${index}]`));
  const ids = new Set(models.map(({ id }) => id));
  if (ids.size < models.length) throw new MalformedList(`${path}: an id is there twice`);
  return models;
}

/** One model. Keys of `extra` are the caller's to read. */
export function decodeModel(value: unknown, path: string, extra: readonly string[] = []): ModelInfo {
  const entry = object(value, path, [
    'id',
    'displayName',
    'contextTokens',
    'maxOutputTokens',
    'ownedBy',
    'prices',
    'capabilities',
    ...extra,
  ]);
  return {
    id: text(entry.id, `${path}.id`),
    ...given('displayName', entry, path, text),
    ...given('ownedBy', entry, path, text),
    ...given('contextTokens', entry, path, tokens),
    ...given('maxOutputTokens', entry, path, tokens),
    ...given('prices', entry, path, decodePrices),
    ...given('capabilities', entry, path, decodeCapabilities),
  };
}

export function decodePrices(value: unknown, path: string, extra: readonly string[] = []): ModelPrices {
  const entry = object(value, path, [...PRICES, 'tiers', ...extra]);
  return { ...tokenPrices(entry, path), ...given('tiers', entry, path, decodeTiers) };
}

function decodeTiers(value: unknown, path: string): NonNullable<ModelPrices['tiers']> {
  let last = 0;
  return array(value, path).map((item, index) => {
    const at = `${path}[${index}]`;
    const entry = object(item, at, [...PRICES, 'abovePromptTokens']);
    const abovePromptTokens = tokens(entry.abovePromptTokens, `${at}.abovePromptTokens`);
    if (abovePromptTokens <= last) throw new MalformedList(`${path}: not in ascending order`);
    last = abovePromptTokens;
    return { abovePromptTokens, ...tokenPrices(entry, at) };
  });
}

function tokenPrices(entry: Readonly<Record<string, unknown>>, path: string): TokenPrices {
  return Object.assign({}, ...PRICES.map((name) => given(name, entry, path, usdPerMillion)));
}

function decodeCapabilities(value: unknown, path: string): ModelCapabilities {
  const entry = object(value, path, CAPABILITIES);
  return Object.assign({}, ...CAPABILITIES.map((name) => given(name, entry, path, flag)));
}

/** `{ [name]: value }`, or nothing where the entry does not have it. */
function given<K extends string, T>(
  name: K,
  entry: Readonly<Record<string, unknown>>,
  path: string,
  decode: (value: unknown, path: string) => T,
): { [Key in K]?: T } {
  const value = entry[name];
  return value === undefined ? {} : ({ [name]: decode(value, `${path}.${name}`) } as { [Key in K]: T });
}

export function object(value: unknown, path: string, keys?: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new MalformedList(`${path}: not an object`);
  }
  const stranger = keys === undefined ? undefined : Object.keys(value).find((key) => !keys.includes(key));
  if (stranger !== undefined) throw new MalformedList(`${path}: no place for ${JSON.stringify(stranger)}`);
  return value as Readonly<Record<string, unknown>>;
}

export function array(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new MalformedList(`${path}: not an array`);
  return value;
}

export function text(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '') throw new MalformedList(`${path}: not a text`);
  return value;
}

function tokens(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > MOST_TOKENS) {
    throw new MalformedList(`${path}: not a number of tokens`);
  }
  return value;
}

function usdPerMillion(value: unknown, path: string): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= HIGHEST_USD_PER_MILLION)) {
    throw new MalformedList(`${path}: not a price in USD per million tokens`);
  }
  return value;
}

function flag(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') throw new MalformedList(`${path}: neither true nor false`);
  return value;
}
