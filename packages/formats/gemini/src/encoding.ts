import type { ChatRequest, FidelityNote, TargetContext } from '@signalbox/kit';
import type { GeminiDialect } from './dialect.ts';
import { ID } from './fields.ts';
import { type GeminiTraits, geminiTraits } from './model-traits.ts';

/** What every part of one request's encoding shares. */
export class Encoding {
  readonly dialect: GeminiDialect;
  readonly target: TargetContext;
  readonly traits: GeminiTraits;
  /** A client of this format wrote the request: what it says is left as it was said. */
  readonly ownClient: boolean;
  readonly #noted = new Set<string>();

  constructor(dialect: GeminiDialect, target: TargetContext, { extensions }: ChatRequest) {
    this.dialect = dialect;
    this.target = target;
    this.traits = geminiTraits(target.model);
    this.ownClient = extensions?.[ID] !== undefined;
  }

  /** Nothing is known against what the client wrote. */
  get trustsClient(): boolean {
    return this.ownClient && !this.traits.known;
  }

  /** Notes what happens again and again in a history at its first place only. */
  noteOnce(path: string, action: FidelityNote['action'], reason: string): void {
    if (this.#noted.has(reason)) return;
    this.#noted.add(reason);
    this.target.notes.add(path, action, reason);
  }

  /** Notes a cache breakpoint: Gemini has none, and caches prefixes by itself. */
  noteCache({ cacheControl }: { readonly cacheControl?: object }, path: string): void {
    if (cacheControl === undefined) return;
    this.noteOnce(`${path}.cacheControl`, 'mapped', 'prefixes are cached by themselves here');
  }
}
