import type { ModelCapabilities, ModelInfo, ModelPrices } from '@signalbox/kit';

/** Abilities as the table and the filter name them. */
export const ABILITIES: Readonly<Record<string, keyof ModelCapabilities>> = {
  images: 'images',
  documents: 'documents',
  tools: 'tools',
  reasoning: 'reasoning',
  structured: 'structuredOutput',
  search: 'webSearch',
  prefill: 'prefill',
};

const HEADINGS = ['MODEL', 'CONTEXT', 'OUTPUT', 'IN', 'OUT', 'CACHE', 'ABILITIES'];
const RIGHT = new Set(['CONTEXT', 'OUTPUT', 'IN', 'OUT', 'CACHE']);
const UNKNOWN = '-';

/** One line per model; what is not known is `-`. */
export function modelTable(models: readonly ModelInfo[]): string {
  const rows = [HEADINGS, ...models.map(cells)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const print = (row: readonly string[]) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return RIGHT.has(HEADINGS[column] ?? '') ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd();
  const legend = ['Prices in USD per million tokens; CACHE: read/write.'];
  if (models.some(({ prices }) => isTiered(prices))) legend.push('"+": long prompts cost another price.');
  return `${rows.map(print).join('\n')}\n\n${legend.join(' ')}\n`;
}

function cells({ id, contextTokens, maxOutputTokens, prices = {}, capabilities = {} }: ModelInfo): readonly string[] {
  const abilities = Object.entries(ABILITIES).flatMap(([name, key]) => (capabilities[key] === true ? [name] : []));
  return [
    id,
    tokens(contextTokens),
    tokens(maxOutputTokens),
    `${usd(prices.input)}${isTiered(prices) ? '+' : ''}`,
    usd(prices.output),
    prices.cacheRead === undefined && prices.cacheWrite === undefined
      ? UNKNOWN
      : `${usd(prices.cacheRead)}/${usd(prices.cacheWrite)}`,
    abilities.join(' ') || UNKNOWN,
  ];
}

function isTiered(prices: ModelPrices | undefined): boolean {
  return (prices?.tiers?.length ?? 0) > 0;
}

/** `200k`, `1.05M`. */
function tokens(count: number | undefined): string {
  if (count === undefined) return UNKNOWN;
  if (count >= 1_000_000) return `${Number((count / 1e6).toFixed(2))}M`;
  return count >= 1_000 ? `${Math.round(count / 1e3)}k` : String(count);
}

/** At least two decimals, and no digit of a small price lost: `2.00`, `0.0125`. */
function usd(price: number | undefined): string {
  if (price === undefined) return UNKNOWN;
  const short = price.toFixed(2);
  return Number(short) === price ? short : String(Number(price.toPrecision(4)));
}
