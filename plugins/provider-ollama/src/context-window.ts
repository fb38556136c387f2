import { errors, RecentMap } from '@signalbox/kit';

/** The smallest window: enough for an agent’s first words. Each further step is twice as large. */
const FIRST_STEP = 8_192;
/** Room for the answer where the client sets no limit, and at most: few answers use what clients allow. */
const USUAL_OUTPUT = 4_096;
const MOST_OUTPUT = 8_192;
/** Ollama forgets an idle model after five minutes, and with it its window. */
const FORGET_AFTER_MS = 5 * 60_000;

/** Names come from clients; no server has so many models loaded. */
const MAX_MODELS = 1_000;

export interface WindowNeeds {
  readonly model: string;
  /** What the prompt is taken for where the question is whether it fits. */
  readonly promptTokens: number;
  /** The same with a margin for dense text, where the question is how large the window shall be. */
  readonly denseTokens: number;
  /** The client's limit of the answer. */
  readonly maxOutputTokens: number | undefined;
  /** The window that the client asks for: it is enough where the prompt fits. */
  readonly asked: number | undefined;
  /** The window that the Modelfile sets. */
  readonly usual: number | undefined;
  /** The largest that the model, or its host, takes. */
  readonly limit: number | undefined;
}

/**
 * Sizes the windows of one server's models. Another window loads the model anew, which takes seconds to minutes: so
 * windows grow in steps, and a model that is in use keeps the largest that it was given.
 */
export class ContextWindows {
  readonly #given = new RecentMap<{ size: number; atMs: number }>(MAX_MODELS);
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** In tokens. @throws {SignalboxError} CONTEXT_OVERFLOW for a prompt that fits into no window. */
  sizeFor({ model, promptTokens, denseTokens, maxOutputTokens, asked, usual, limit }: WindowNeeds): number {
    refuseOverflow(promptTokens, limit);
    const room = asked === undefined ? Math.min(maxOutputTokens ?? USUAL_OUTPUT, MOST_OUTPUT) : 0;
    const needed = Math.max(promptTokens, denseTokens) + room;
    let size = asked ?? usual ?? FIRST_STEP;
    while (size < needed) size *= 2;
    const given = Math.min(Math.max(size, this.#inUse(model)), limit ?? Number.POSITIVE_INFINITY);
    this.#given.set(model, { size: given, atMs: this.#now() });
    return given;
  }

  #inUse(model: string): number {
    const last = this.#given.get(model);
    return last === undefined || this.#now() - last.atMs > FORGET_AFTER_MS ? 0 : last.size;
  }
}

/** In the words that make agents compact. @throws {SignalboxError} CONTEXT_OVERFLOW */
export function refuseOverflow(promptTokens: number, limit: number | undefined): void {
  if (limit === undefined || promptTokens <= limit) return;
  throw errors.contextOverflow(`prompt is too long: ${promptTokens} tokens > ${limit} maximum`);
}
