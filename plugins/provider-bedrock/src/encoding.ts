import { createHash } from 'node:crypto';
import type { CacheControl, ChatRequest, FidelityNote, JsonObject, Notes, TargetContext } from '@signalbox/kit';
import type { ModelTraits } from './model-traits.ts';

const LEGAL_ID = /^[A-Za-z0-9_-]{1,64}$/;
const SHORT_ID = /^[A-Za-z0-9]{9}$/;

/** What every part of one request's encoding shares. */
export class Encoding {
  readonly target: TargetContext;
  readonly traits: ModelTraits;
  /** Whether any message holds a call or a result: then Converse wants the tools, too. */
  readonly usesTools: boolean;
  readonly #noted = new Set<string>();
  readonly #documentNames = new Set<string>();

  constructor(request: ChatRequest, target: TargetContext, traits: ModelTraits) {
    this.target = target;
    this.traits = traits;
    this.usesTools = request.messages.some(({ content }) =>
      content.some(({ type }) => type === 'tool-call' || type === 'tool-result'),
    );
  }

  get notes(): Notes {
    return this.target.notes;
  }

  /** Notes what happens again and again in a history at its first place only. */
  noteOnce(path: string, action: FidelityNote['action'], reason: string): void {
    if (this.#noted.has(reason)) return;
    this.#noted.add(reason);
    this.notes.add(path, action, reason);
  }

  /** The block that stands behind what is to be cached. */
  cachePoint(control: CacheControl | undefined): JsonObject[] {
    if (control === undefined) return [];
    if (!this.traits.cachePoints) {
      this.noteOnce('cacheControl', 'mapped', 'the model takes no cache points');
      return [];
    }
    return [{ cachePoint: { type: 'default', ...(control.ttl === '1h' ? { ttl: '1h' } : {}) } }];
  }

  /** The id that call and result share on the wire: the same for the same client's id, always. */
  callId(id: string): string {
    if ((this.traits.shortIds ? SHORT_ID : LEGAL_ID).test(id)) return id;
    const hash = createHash('sha256').update(id).digest('hex');
    return this.traits.shortIds ? hash.slice(0, 9) : `tooluse_${hash.slice(0, 24)}`;
  }

  /** A name for a document: Converse takes few characters in one, and each name once. */
  documentName(title: string | undefined): string {
    const clean = (title ?? '')
      .replace(/\.[A-Za-z0-9]{1,5}$/, '')
      .replace(/[^A-Za-z0-9\-()[\]]+/g, ' ')
      .trim()
      .slice(0, 180);
    const base = clean === '' ? 'document' : clean;
    let name = base;
    for (let number = 2; this.#documentNames.has(name); number++) name = `${base} ${number}`;
    this.#documentNames.add(name);
    return name;
  }
}
