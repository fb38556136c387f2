import type { ChatRequest, StreamEvent, Usage } from '@signalbox/kit';

type BlockStart = Extract<StreamEvent, { type: 'block-start' }>;
type TextDelta = Extract<StreamEvent, { type: 'text-delta' }>;

/** Rather too many: the ceiling is the client's, and an answer may end a little early. */
const CHARS_PER_TOKEN = 4;

/**
 * What a client has of an answer that comes in parts, and the events of each part fitted to it: one message with one
 * start, block indexes that count on, and text that goes on in the block where it broke off.
 */
export class AnswerSoFar {
  finished = false;
  #text = '';
  #callsTools = false;
  #open: { readonly index: number; readonly type: string } | undefined;
  #blocks = 0;
  /** What is added to the block indexes of this part. */
  #offset = 0;
  #resumes = false;
  /** Blanks that the client has and the provider was not given; the part may begin with them. */
  #blanks = '';
  #before: Usage | undefined;
  #latest: Usage | undefined;

  /** There is text, and it broke off in text: no tool was called, no reasoning was cut. */
  get continuable(): boolean {
    return !this.#callsTools && (this.#open === undefined || this.#open.type === 'text') && this.#text.trim() !== '';
  }

  get text(): string {
    return this.#text;
  }

  /** Of all parts together; `undefined` while there is one part only. */
  get usage(): Usage | undefined {
    return this.#before === undefined ? undefined : sum(this.#before, this.#latest ?? {});
  }

  /** Begins the next part. @returns the request for it: reasoning is off, as no provider goes on with an answer and reasons. */
  resume(request: ChatRequest): ChatRequest {
    this.#resumes = true;
    this.#offset = this.#blocks;
    this.#before = sum(this.#before ?? {}, this.#latest ?? {});
    this.#latest = undefined;
    // Blanks at the end of a prefill are refused.
    const text = this.#text.trimEnd();
    this.#blanks = this.#text.slice(text.length);
    const { reasoning, ...rest } = request;
    const { maxOutputTokens } = request;
    return {
      ...rest,
      ...(maxOutputTokens === undefined
        ? {}
        : { maxOutputTokens: Math.max(1, maxOutputTokens - Math.floor(text.length / CHARS_PER_TOKEN)) }),
      ...(reasoning === undefined ? {} : { reasoning: { mode: 'disabled' } }),
      messages: [...request.messages, { role: 'assistant', content: [{ type: 'text', text }] }],
    };
  }

  /** The events that the client gets for one of the provider's. */
  take(event: StreamEvent): readonly StreamEvent[] {
    switch (event.type) {
      case 'message-start':
        return this.#resumes ? [] : [event];
      case 'usage':
        this.#latest = event.usage;
        return [{ type: 'usage', usage: this.usage ?? event.usage }];
      case 'message-end':
        this.finished = true;
        return [...this.#closeOpen(), event];
      case 'error':
        return [event];
      case 'block-start':
        return this.#start(event);
      case 'text-delta':
        return this.#add(event);
      case 'block-end':
        this.#open = undefined;
        return [{ ...event, index: event.index + this.#offset }];
      default:
        return this.#offset === 0 ? [event] : [{ ...event, index: event.index + this.#offset }];
    }
  }

  #start(event: BlockStart): readonly StreamEvent[] {
    const resumes = this.#resumes;
    this.#resumes = false;
    if (resumes && this.#open !== undefined && event.block.type === 'text') {
      // The client has this block open: the part's first is the last of what came before.
      this.#offset--;
      return [];
    }
    const closed = this.#closeOpen();
    const index = event.index + this.#offset;
    if (event.block.type === 'tool-call' || event.block.type === 'opaque') this.#callsTools = true;
    this.#open = { index, type: event.block.type };
    this.#blocks = index + 1;
    this.#blanks = '';
    return [...closed, { ...event, index }];
  }

  #add(event: TextDelta): readonly StreamEvent[] {
    let { text } = event;
    if (this.#blanks !== '') {
      let same = 0;
      while (same < text.length && same < this.#blanks.length && text[same] === this.#blanks[same]) same++;
      this.#blanks = same === text.length ? this.#blanks.slice(same) : '';
      text = text.slice(same);
      if (text === '') return [];
    }
    this.#text += text;
    return [{ ...event, text, index: event.index + this.#offset }];
  }

  #closeOpen(): readonly StreamEvent[] {
    if (this.#open === undefined) return [];
    const { index } = this.#open;
    this.#open = undefined;
    return [{ type: 'block-end', index }];
  }
}

/** The prompt is the client's own, asked once; what was completed and what was paid adds up over the parts. */
function sum(before: Usage, more: Usage): Usage {
  const add = (a: number | undefined, b: number | undefined) => (a === undefined ? b : a + (b ?? 0));
  const total: Record<string, unknown> = { ...more, ...before };
  for (const key of ['completionTokens', 'reasoningTokens', 'costUsd'] as const) {
    const value = add(before[key], more[key]);
    if (value !== undefined) total[key] = value;
  }
  return total;
}
