import { readFileSync } from 'node:fs';
import type { ModelInfo, ModelPrices } from '@signalbox/kit';
import { array, decodeModel, decodePrices, MalformedList, object, text } from './decode.ts';

/** One provider of the catalogue. */
export interface PinnedProvider {
  readonly models: ReadonlyMap<string, ModelInfo>;
  /** Nobody else can run its models, so that a model is itself whoever hands it on. */
  readonly closed: boolean;
  /** For a router: which provider of the catalogue the first part of a model's id means. */
  readonly vendors: Readonly<Record<string, string>>;
}

export type Pinned = ReadonlyMap<string, PinnedProvider>;

/** Beside `src` and beside `dist` alike. */
const DATA = new URL('../data/models.json', import.meta.url);

/** The catalogue that is shipped, with the prices of the day `now`. @throws {MalformedList} */
export function readPinned(now: Date): Pinned {
  return decodePinned(JSON.parse(readFileSync(DATA, 'utf8')), now);
}

/** @throws {MalformedList} on the first thing that does not fit. */
export function decodePinned(value: unknown, now: Date): Pinned {
  const file = object(value, 'catalogue', ['source', 'date', 'providers']);
  text(file.source, 'source');
  date(file.date, 'date');
  const today = now.toISOString().slice(0, 10);
  const providers = Object.entries(object(file.providers, 'providers')).map(
    ([name, provider]) => [name, decodeProvider(provider, name, today)] as const,
  );
  return new Map(providers);
}

function decodeProvider(value: unknown, path: string, today: string): PinnedProvider {
  const entry = object(value, path, ['source', 'date', 'note', 'closed', 'vendors', 'models']);
  text(entry.source, `${path}.source`);
  date(entry.date, `${path}.date`);
  const models = new Map<string, ModelInfo>();
  for (const [index, item] of array(entry.models, `${path}.models`).entries()) {
    const model = decodeDated(item, `${path}.models[${index}]`, today);
    if (models.has(model.id)) throw new MalformedList(`${path}: the id ${model.id} is there twice`);
    models.set(model.id, model);
  }
  const vendors = entry.vendors === undefined ? {} : object(entry.vendors, `${path}.vendors`);
  return {
    models,
    closed: entry.closed === true,
    vendors: Object.fromEntries(Object.entries(vendors).map(([id, name]) => [id, text(name, `${path}.vendors`)])),
  };
}

/** A model with the prices that its provider has announced for today. */
function decodeDated(value: unknown, path: string, today: string): ModelInfo {
  const model = decodeModel(value, path, ['date', 'priceChanges']);
  const { date: asOf, priceChanges = [] } = value as { date?: unknown; priceChanges?: unknown };
  if (asOf !== undefined) date(asOf, `${path}.date`);
  let prices: ModelPrices | undefined;
  for (const [index, item] of array(priceChanges, `${path}.priceChanges`).entries()) {
    const at = `${path}.priceChanges[${index}]`;
    const changed = decodePrices(item, at, ['from']);
    if (date((item as { from?: unknown }).from, `${at}.from`) <= today) prices = changed;
  }
  return prices === undefined ? model : { ...model, prices };
}

function date(value: unknown, path: string): string {
  const day = text(value, path);
  if (!/^\d{4}-\d\d-\d\d$/.test(day)) throw new MalformedList(`${path}: not a date`);
  return day;
}
