import {
  bodyHolds,
  type Capability,
  type ChatRequest,
  type Exchange,
  needsCapability,
  SignalboxError,
} from '@signalbox/kit';

/** What is looked for, with its name in words. */
export const CAPABILITIES = {
  images: 'images',
  tools: 'tools',
  structuredOutput: 'structured output',
  webSearch: 'web search',
  documents: 'documents',
  reasoning: 'reasoning',
} as const satisfies Partial<Record<Capability, string>>;

export type Need = keyof typeof CAPABILITIES;

/** Texts of which the received bytes hold at least one wherever there can be such a need. */
type Marks = Readonly<Record<Need, readonly string[]>>;

/** By client format; a format that is not listed is always decoded. */
const MARKS: Readonly<Record<string, Marks>> = {
  'anthropic-messages': {
    images: ['"image"'],
    tools: ['"tools"'],
    structuredOutput: ['"json_schema"'],
    webSearch: ['"web_search'],
    documents: ['"document"'],
    reasoning: ['"thinking"'],
  },
  'openai-chat': {
    images: ['"image_url"'],
    tools: ['"tools"', '"functions"'],
    structuredOutput: ['"response_format"'],
    webSearch: ['web_search', '"web"'],
    documents: ['"file"'],
    reasoning: ['"reasoning_effort"', '"reasoning"', '"thinking"', '"enable_thinking"'],
  },
};

/** What one request needs, found out only as far as it is asked: by a search in the bytes, then by decoding. */
export class Needs {
  readonly #exchange: Exchange;
  readonly #known = new Map<Need, boolean>();
  #request: ChatRequest | undefined;
  #unreadable = false;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  has(need: Need): boolean {
    let needed = this.#known.get(need);
    if (needed === undefined) {
      needed = this.#find(need);
      this.#known.set(need, needed);
    }
    return needed;
  }

  #find(need: Need): boolean {
    const { format } = this.#exchange;
    const marks = Object.hasOwn(MARKS, format) ? MARKS[format]?.[need] : undefined;
    if (marks !== undefined && !marks.some((mark) => bodyHolds(this.#exchange, mark))) return false;
    const request = this.#decoded();
    return request !== undefined && needsCapability(request, need);
  }

  /** `undefined` where the request cannot be decoded: it may still pass through as it is. */
  #decoded(): ChatRequest | undefined {
    if (this.#unreadable || this.#request !== undefined) return this.#request;
    try {
      this.#request = this.#exchange.request;
    } catch (error) {
      if (!SignalboxError.is(error)) throw error;
      this.#unreadable = true;
    }
    return this.#request;
  }
}
