import type { ModelInfo, TokenPrices } from '@signalbox/kit';
import type { Pinned, PinnedProvider } from './pinned.ts';

/** How a router marks another way to the same model, which changes what it costs. */
const ROUTER_VARIANT = /^(.+):(free|nitro|floor|exacto|online|thinking|extended)$/;
const SNAPSHOT = /^(.+)-(?:20\d{6}|20\d\d-\d\d-\d\d|latest)$/;
const FREE: TokenPrices = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0 };

/** A model of a list by its id, its dated snapshot or its router variant. The list's own entry goes first. */
export function findInList(models: ReadonlyMap<string, ModelInfo>, id: string): ModelInfo | undefined {
  const exact = models.get(id);
  if (exact !== undefined) return exact;
  const [, base, variant] = ROUTER_VARIANT.exec(id) ?? [];
  if (base === undefined) return snapshot(models, id);
  const info = models.get(base) ?? snapshot(models, base);
  if (info === undefined) return undefined;
  if (variant === 'free') return { ...info, id, prices: FREE };
  const { prices: _ofTheBase, ...rest } = info;
  if (variant !== 'extended') return { ...rest, id };
  const { contextTokens: _shorter, ...longer } = rest;
  return { ...longer, id };
}

function snapshot(models: ReadonlyMap<string, ModelInfo>, id: string): ModelInfo | undefined {
  const [, base] = SNAPSHOT.exec(id) ?? [];
  const info = base === undefined ? undefined : models.get(base);
  return info === undefined ? undefined : { ...info, id };
}

/**
 * What the shipped catalogue says about a model. `provider` is one of the catalogue, or `undefined` where nobody knows
 * whose the target is: then only the models that nobody else can run are known, and what they cost is not.
 */
export function findPinned(pinned: Pinned, provider: string | undefined, id: string): ModelInfo | undefined {
  const own = provider === undefined ? undefined : pinned.get(provider);
  if (own !== undefined) return findInList(own.models, id) ?? fromVendor(pinned, own.vendors, id);
  for (const candidate of pinned.values()) {
    const info = candidate.closed ? findInList(candidate.models, id) : undefined;
    if (info !== undefined) return inOtherHands(info, id);
  }
  for (const { vendors } of pinned.values()) {
    const info = fromVendor(pinned, vendors, id, ({ closed }) => closed);
    if (info !== undefined) return info;
  }
  return undefined;
}

/** `anthropic/claude-opus-5.5` is Anthropic's `claude-opus-5-5`, with the same abilities at a price of the router's own. */
function fromVendor(
  pinned: Pinned,
  vendors: PinnedProvider['vendors'],
  id: string,
  accepts: (vendor: PinnedProvider) => boolean = () => true,
): ModelInfo | undefined {
  const slash = id.indexOf('/');
  const name = slash === -1 ? '' : id.slice(0, slash);
  const vendor = Object.hasOwn(vendors, name) ? pinned.get(vendors[name] ?? '') : undefined;
  if (vendor === undefined || !accepts(vendor)) return undefined;
  const model = id.slice(slash + 1);
  const info = findInList(vendor.models, model) ?? findInList(vendor.models, model.replaceAll('.', '-'));
  if (info === undefined) return undefined;
  const known = inOtherHands(info, id);
  return info.prices === FREE ? { ...known, prices: FREE } : known;
}

/** Whoever hands a model on sets the price. */
function inOtherHands({ prices: _ofTheVendor, ...info }: ModelInfo, id: string): ModelInfo {
  return { ...info, id };
}
