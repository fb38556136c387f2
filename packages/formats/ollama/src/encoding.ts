import type { Block, FidelityNote, TargetContext } from '@signalbox/kit';

/** What every part of one request's encoding shares. */
export class Encoding {
  readonly target: TargetContext;
  readonly #noted = new Set<string>();

  constructor(target: TargetContext) {
    this.target = target;
  }

  /** Notes what happens again and again in a history at its first place only. */
  noteOnce(path: string, action: FidelityNote['action'], reason: string): void {
    if (this.#noted.has(reason)) return;
    this.#noted.add(reason);
    this.target.notes.add(path, action, reason);
  }

  /** Ollama keeps the prefix of a prompt by itself. */
  dropCacheControl({ cacheControl }: Pick<Block & { type: 'text' }, 'cacheControl'>, path: string): void {
    if (cacheControl === undefined) return;
    this.noteOnce(`${path}.cacheControl`, 'mapped', 'prefixes are cached by themselves here');
  }
}
