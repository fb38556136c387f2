import { createHash } from 'node:crypto';
import { type Block, type FidelityNote, type JsonObject, StrictSchemas, type TargetContext } from '@signalbox/kit';
import type { Dialect } from './dialect.ts';
import { STRICT } from './strict-rules.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** What every part of one request's encoding shares. */
export class Encoding {
  readonly dialect: Dialect;
  readonly target: TargetContext;
  /** Whether the model will think: decides what reasoning the history must carry. */
  readonly thinking: boolean;
  readonly strict: StrictSchemas;
  readonly #noted = new Set<string>();

  /** @param goesOn the answer goes on with the last message. */
  constructor(dialect: Dialect, target: TargetContext, thinking: boolean, goesOn: boolean) {
    this.dialect = dialect;
    this.target = target;
    this.thinking = thinking;
    this.strict = new StrictSchemas(target, STRICT, goesOn);
  }

  /** Notes what happens again and again in a history at its first place only. */
  noteOnce(path: string, action: FidelityNote['action'], reason: string): void {
    if (this.#noted.has(reason)) return;
    this.#noted.add(reason);
    this.target.notes.add(path, action, reason);
  }

  /** `cache_control` for a part or tool, where the provider takes it. */
  cacheControl({ cacheControl }: Pick<Block & { type: 'text' }, 'cacheControl'>, path: string): JsonObject | undefined {
    if (cacheControl === undefined) return undefined;
    if (!this.dialect.cacheControl) {
      this.noteOnce(`${path}.cacheControl`, 'mapped', 'what is cached is for the provider to say');
      return undefined;
    }
    const { ttl } = cacheControl;
    if (ttl !== undefined && !this.dialect.cacheTtl) {
      this.noteOnce(`${path}.cacheControl.ttl`, 'mapped', 'the provider has one lifetime for cached prompts');
      return { type: 'ephemeral' };
    }
    return ttl === undefined ? { type: 'ephemeral' } : { type: 'ephemeral', ttl };
  }

  /** The id that call and result share on the wire: the same for the same client's id, always. */
  callId(id: string): string {
    const { legal, hashLength } = this.dialect.toolCallIds;
    if (legal.test(id)) return id;
    const hash = createHash('sha256').update(id).digest();
    let alias = '';
    for (let i = 0; i < hashLength; i++) alias += ALPHABET[(hash[i % hash.length] ?? 0) % ALPHABET.length];
    return alias;
  }
}
