import { createHash } from 'node:crypto';
import {
  type Block,
  type ChatRequest,
  type FidelityNote,
  type JsonObject,
  StrictSchemas,
  type TargetContext,
} from '@signalbox/kit';
import type { ToolKind } from './client-tools.ts';
import type { ResponsesDialect } from './dialect.ts';
import { ID } from './fields.ts';
import { STRICT } from './strict-rules.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const MAX_CALL_ID = 64;
const ALIAS_LENGTH = 24;
const MAX_BREAKPOINTS = 4;

/** What every part of one request's encoding shares. */
export class Encoding {
  readonly dialect: ResponsesDialect;
  readonly target: TargetContext;
  /** A client of this format wrote the request, so what this format can say is left as it was said. */
  readonly ownClient: boolean;
  /** What was called under each id of the client's, where it was more than a plain function. */
  readonly kinds = new Map<string, ToolKind>();
  readonly strict: StrictSchemas;
  readonly #noted = new Set<string>();
  #breakpoints = 0;

  constructor(dialect: ResponsesDialect, target: TargetContext, request: ChatRequest) {
    this.dialect = dialect;
    this.target = target;
    this.ownClient = request.extensions?.[ID] !== undefined;
    this.strict = new StrictSchemas(target, STRICT, request.messages.at(-1)?.role === 'assistant');
  }

  /** Whether the provider takes an optional field of the top level. */
  takes(field: string): boolean {
    const { parameters } = this.dialect;
    return parameters === 'all' || parameters.includes(field);
  }

  /** Notes what happens again and again in a history at its first place only. */
  noteOnce(path: string, action: FidelityNote['action'], reason: string): void {
    if (this.#noted.has(reason)) return;
    this.#noted.add(reason);
    this.target.notes.add(path, action, reason);
  }

  /** The cache breakpoint of a part: this format's own, or one that comes as near as it can. */
  breakpoint(
    { cacheControl, extensions }: Pick<Block & { type: 'text' }, 'cacheControl' | 'extensions'>,
    path: string,
  ): JsonObject {
    const own = extensions?.[ID]?.$breakpoint;
    if (own !== undefined) return { prompt_cache_breakpoint: own };
    if (cacheControl === undefined) return {};
    if (!this.dialect.cacheBreakpoints) {
      this.noteOnce(`${path}.cacheControl`, 'mapped', 'what is cached is for the provider to say');
      return {};
    }
    if (++this.#breakpoints > MAX_BREAKPOINTS) {
      this.noteOnce(`${path}.cacheControl`, 'mapped', `a request has at most ${MAX_BREAKPOINTS} cache breakpoints`);
      return {};
    }
    const { ttl } = cacheControl;
    if (ttl !== undefined) this.noteOnce(`${path}.cacheControl.ttl`, 'mapped', 'the next longer time is asked for');
    const kept = ttl === undefined ? {} : { ttl: ttl === '1h' ? '12h' : '30m' };
    return { prompt_cache_breakpoint: { mode: 'explicit', ...kept } };
  }

  /** The id that call and result share on the wire: the same for the same client's id, always. */
  callId(id: string): string {
    if (id !== '' && id.length <= MAX_CALL_ID) return id;
    const hash = createHash('sha256').update(id).digest();
    let alias = '';
    for (let i = 0; i < ALIAS_LENGTH; i++) alias += ALPHABET[(hash[i] ?? 0) % ALPHABET.length];
    return alias;
  }
}
