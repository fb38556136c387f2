import type { Effort } from '@signalbox/kit';

/**
 * How one provider's or model's Responses differ from OpenAI's newest: data only. Give `openaiResponses.with()` the
 * fields that differ. Whatever a dialect makes impossible is left out of the request with a fidelity note.
 */
export interface ResponsesDialect {
  /** The model reasons: efforts are sent. */
  readonly reasoning: boolean;
  /** The efforts it has; for one that is missing the nearest weaker, else stronger, is sent. */
  readonly efforts: readonly Effort[];
  /** Asks for reasoning state with every answer, for clients of other formats. */
  readonly encryptedReasoning: boolean;
  /** Takes `temperature` and `top_p`. */
  readonly sampling: boolean;
  /** Explicit cache breakpoints on parts (gpt-5.6 and later). */
  readonly cacheBreakpoints: boolean;
  /**
   * Tells texts on the way from answers (`phase`, gpt-5.3-codex and later): for clients of other formats, which have no word
   * for it, by where a text stands.
   */
  readonly phases: boolean;
  /** `custom`, `namespace` and the built-in tools that clients run; otherwise they are functions. */
  readonly clientTools: boolean;
  /** OpenAI's own tools and items (`web_search`, `mcp`, …). */
  readonly builtInTools: boolean;
  /** The role of system messages inside the conversation. */
  readonly systemRole: 'developer' | 'system';
  /** Sends `store: false` for clients of other formats, which could not ask for what is stored. */
  readonly storeSwitch: boolean;
  /** The least `max_output_tokens`. */
  readonly leastOutputTokens: number;
  /** Optional top-level fields that it takes as a Responses client wrote them; others are dropped. */
  readonly parameters: 'all' | readonly string[];
}

/** A whole dialect's differences, or differences that depend on the target's model. The function must be pure. */
export type ResponsesDialectOptions = Partial<ResponsesDialect> | ((model: string) => Partial<ResponsesDialect>);

/** Responses as OpenAI documents them. */
export const responsesDialect: ResponsesDialect = Object.freeze<ResponsesDialect>({
  reasoning: true,
  efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'],
  encryptedReasoning: true,
  sampling: true,
  cacheBreakpoints: false,
  phases: false,
  clientTools: true,
  builtInTools: true,
  systemRole: 'developer',
  storeSwitch: true,
  leastOutputTokens: 16,
  parameters: 'all',
});

/** The whole dialect for a model, computed once per model. */
export function dialectResolver(options: ResponsesDialectOptions): (model: string) => ResponsesDialect {
  if (typeof options !== 'function') {
    const dialect = { ...responsesDialect, ...options };
    return () => dialect;
  }
  const known = new Map<string, ResponsesDialect>();
  return (model) => {
    let dialect = known.get(model);
    if (dialect === undefined) {
      // Model names come from clients: the memory they take is bounded.
      if (known.size >= 1_000) known.clear();
      dialect = { ...responsesDialect, ...options(model) };
      known.set(model, dialect);
    }
    return dialect;
  };
}
