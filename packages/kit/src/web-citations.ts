import type { Extensions, JsonObject, WebCitation } from '@signalbox/spec';
import { wordOf } from './json-words.ts';
import { addAll } from './lists.ts';
import { logProbsIn } from './log-probs.ts';

/** A delta with what other formats can tell of it. */
export function withCitations<D extends JsonObject>(delta: D, $citations: WebCitation[]): D {
  return $citations.length === 0 ? delta : { ...delta, $citations };
}

/** The same as the wire has it. */
export function wireDelta({ $citations: _, ...delta }: JsonObject): JsonObject {
  return delta;
}

/** The pages that a delta of any format cites; `undefined` where only its own format can tell what it says. */
export function citationsIn({ $citations }: JsonObject): readonly WebCitation[] | undefined {
  return Array.isArray($citations) ? ($citations as WebCitation[]) : undefined;
}

/**
 * What a text's deltas of other formats than `ownFormat` cite, and why the rest of them cannot be told. `logProbs`: the caller
 * tells log probabilities itself.
 */
export function foreignCitations(
  extensions: Extensions | undefined,
  ownFormat: string,
  { logProbs = false }: { readonly logProbs?: boolean } = {},
): { readonly citations: readonly WebCitation[]; readonly untold: ReadonlySet<string> } {
  const citations: WebCitation[] = [];
  const untold = new Set<string>();
  for (const format in extensions) {
    if (format === ownFormat) continue;
    for (const key in extensions[format]) {
      const value = extensions[format][key];
      if (value === undefined || key.startsWith('$')) continue;
      if (key !== 'deltas' || !Array.isArray(value)) untold.add(`only ${format} has ${key}`);
      else {
        for (const delta of value as JsonObject[]) {
          if (logProbs && logProbsIn(delta) !== undefined) continue;
          const told = citationsIn(delta);
          if (told === undefined) untold.add(untoldReason(format, delta));
          else addAll(citations, told);
        }
      }
    }
  }
  return { citations, untold };
}

/** Why a delta cannot be told, for a note. */
export function untoldReason(format: string, delta: JsonObject): string {
  if (logProbsIn(delta) !== undefined) return 'log probabilities have no place here';
  const { citation, type } = delta;
  const kind = typeof citation === 'object' && citation !== null && 'type' in citation ? citation.type : type;
  return `only ${format} has ${wordOf(kind ?? 'this')}`;
}
