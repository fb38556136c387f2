import {
  type Block,
  type ChatReply,
  type ChatRequest,
  type FunctionTool,
  type JsonObject,
  type JsonValue,
  type Message,
  messageToEvents,
  type StopReason,
  type StreamEvent,
  type ToolCallBlock,
  type Usage,
} from '@signalbox/kit';
import fc from 'fast-check';

/** What a format can say. Everything is on unless it is set to `false`. */
export interface Features {
  images?: boolean;
  documents?: boolean;
  tools?: boolean;
  reasoning?: boolean;
  /** Opaque state of reasoning blocks, of this origin; `false` where the format has no place for it. */
  reasoningState?: false | { origin: string; data?: fc.Arbitrary<JsonValue> };
  /** Reasoning that was withheld; it needs `reasoningState`. */
  redacted?: boolean;
  cacheControl?: boolean;
  /** System messages in the middle of a conversation. */
  systemTurns?: boolean;
  sampling?: boolean;
  /** Several text blocks in one reply, and text behind tool calls. */
  manyTexts?: boolean;
  usage?: boolean;
  cacheUsage?: boolean;
  stopReasons?: readonly StopReason[];
}

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter((value) => value.trim() !== '');
const id = fc.stringMatching(/^[a-zA-Z0-9]{6,20}$/);
const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,20}$/);
const input = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,8}$/),
  fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), fc.array(text, { maxLength: 3 })),
  { maxKeys: 4, noNullPrototype: true },
) as fc.Arbitrary<JsonObject>;
const tokens = fc.nat({ max: 1_000_000 });
const signature = fc.base64String({ minLength: 4, maxLength: 40 });

/** A request that every provider would take: turns alternate, each tool call is answered in the next user message. */
export function arbitraryRequest(features: Features = {}): fc.Arbitrary<ChatRequest> {
  const turns = fc.array(fc.tuple(userMessage(features), assistantMessage(features)), { maxLength: 4 });
  return fc
    .record({
      model: name,
      stream: fc.boolean(),
      system: fc.array(text, { maxLength: 2 }),
      turns,
      last: userMessage(features),
      mid: fc.option(text, { nil: undefined }),
      tools:
        features.tools === false ? fc.constant([]) : fc.uniqueArray(tool(), { maxLength: 3, selector: (t) => t.name }),
      maxOutputTokens: fc.integer({ min: 1, max: 100_000 }),
      temperature: fc.option(fc.constantFrom(0, 0.5, 1), { nil: undefined }),
      topP: fc.option(fc.constantFrom(0.5, 1), { nil: undefined }),
      stopSequences: fc.uniqueArray(text, { maxLength: 3 }),
      cached: fc.boolean(),
    })
    .map(({ turns, last, mid, system, cached, temperature, topP, stopSequences, ...rest }) => {
      const messages = answerCalls([...turns.flat(), last]);
      if (mid !== undefined && features.systemTurns !== false) {
        messages.push({ role: 'system', content: [{ type: 'text', text: mid }] });
      }
      const cacheControl = cached && features.cacheControl !== false ? { cacheControl: {} } : {};
      const sampling = features.sampling !== false;
      return {
        ...rest,
        system: system.map((value) => ({ type: 'text' as const, text: value, ...cacheControl })),
        messages,
        ...(sampling && temperature !== undefined ? { temperature } : {}),
        ...(sampling && topP !== undefined ? { topP } : {}),
        ...(stopSequences.length > 0 ? { stopSequences } : {}),
      };
    });
}

/** A finished reply: reasoning first, then text and tool calls. */
export function arbitraryReply(features: Features = {}): fc.Arbitrary<ChatReply> {
  const { stopReasons = ['end-turn', 'stop-sequence', 'max-tokens', 'refusal', 'tool-call'] } = features;
  const others = stopReasons.filter((reason) => reason !== 'tool-call');
  return fc
    .record({
      content: assistantContent(features),
      stop: fc.constantFrom<StopReason>(...(others.length > 0 ? others : (['end-turn'] as const))),
      usage: usage(features),
    })
    .map(({ content, stop, usage }) => {
      const calls = content.some(({ type }) => type === 'tool-call');
      return { content, stopReason: calls ? 'tool-call' : stop, ...(usage === undefined ? {} : { usage }) };
    });
}

/** The events of such a reply, its deltas cut anywhere, its usage reported once or twice. */
export function arbitraryStreamEvents(features: Features = {}): fc.Arbitrary<StreamEvent[]> {
  return fc
    .tuple(arbitraryReply(features), fc.infiniteStream(fc.integer({ min: 1, max: 12 })), fc.boolean())
    .map(([reply, lengths, twice]) => {
      const out: StreamEvent[] = [];
      for (const event of messageToEvents(reply)) {
        if (event.type === 'text-delta' || event.type === 'reasoning-delta') {
          for (const piece of cut(event.text, lengths)) out.push({ ...event, text: piece });
        } else if (event.type === 'tool-input-delta') {
          for (const piece of cut(event.json, lengths)) out.push({ ...event, json: piece });
        } else {
          if (event.type === 'message-end' && twice && reply.usage !== undefined) {
            out.push({ type: 'usage', usage: reply.usage });
          }
          out.push(event);
        }
      }
      return out;
    });
}

/** Cut between code points: a wire carries no half of a surrogate pair. */
function cut(whole: string, lengths: Iterator<number>): string[] {
  const chars = [...whole];
  const pieces: string[] = [];
  for (let at = 0; at < chars.length; ) {
    const length = lengths.next().value as number;
    pieces.push(chars.slice(at, at + length).join(''));
    at += length;
  }
  return pieces;
}

function tool(): fc.Arbitrary<FunctionTool> {
  return fc.record({ name, description: text }).map((named) => ({
    type: 'function',
    ...named,
    inputSchema: { type: 'object', properties: { path: { type: 'string' } } },
  }));
}

function userMessage({ images, documents }: Features): fc.Arbitrary<Message> {
  const block = (value: Block) => fc.constant(value);
  const more: fc.Arbitrary<Block>[] = [text.map((value) => ({ type: 'text', text: value }))];
  const png = { type: 'base64', mediaType: 'image/png', data: 'iVBORw0KGgo=' } as const;
  if (images !== false) more.push(block({ type: 'image', source: png }));
  if (documents !== false) {
    more.push(
      block({
        type: 'document',
        source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' },
        title: 'a.pdf',
      }),
    );
  }
  return fc.tuple(text, fc.array(fc.oneof(...more), { maxLength: 2 })).map(([first, rest]) => ({
    role: 'user',
    content: [{ type: 'text', text: first }, ...rest],
  }));
}

function assistantMessage(features: Features): fc.Arbitrary<Message> {
  return assistantContent(features).map((content) => ({ role: 'assistant', content }));
}

function assistantContent(features: Features): fc.Arbitrary<Block[]> {
  const { manyTexts = true } = features;
  const texts = fc.array(
    text.map((value): Block => ({ type: 'text', text: value })),
    { minLength: 1, maxLength: manyTexts ? 2 : 1 },
  );
  const calls =
    features.tools === false
      ? fc.constant([])
      : fc.uniqueArray(toolCall(), { maxLength: 3, selector: (call) => call.id });
  const after = manyTexts
    ? fc.array(
        text.map((value): Block => ({ type: 'text', text: value })),
        { maxLength: 1 },
      )
    : fc.constant([]);
  return fc.tuple(reasoning(features), texts, calls, after).map((parts) => parts.flat());
}

function toolCall(): fc.Arbitrary<ToolCallBlock> {
  return fc.record({ id, name, input }).map((call) => ({
    type: 'tool-call',
    ...call,
    rawInput: JSON.stringify(call.input),
  }));
}

function reasoning({ reasoning: on, reasoningState, redacted }: Features): fc.Arbitrary<Block[]> {
  if (on === false) return fc.constant([]);
  const kinds: fc.Arbitrary<Block>[] = [];
  if (reasoningState === false || reasoningState === undefined) {
    kinds.push(text.map((value) => ({ type: 'reasoning', text: value })));
  } else {
    const { origin, data = signature } = reasoningState;
    kinds.push(
      fc
        .tuple(text, data)
        .map(([value, state]) => ({ type: 'reasoning', text: value, state: { origin, data: state } })),
    );
    if (redacted !== false) {
      kinds.push(
        data.map((state) => ({ type: 'reasoning', text: '', state: { origin, data: state }, redacted: true })),
      );
    }
  }
  return fc.array(fc.oneof(...kinds), { maxLength: 1 });
}

function usage({ usage: on, cacheUsage }: Features): fc.Arbitrary<Usage | undefined> {
  if (on === false) return fc.constant(undefined);
  return fc.tuple(tokens, tokens, tokens).map(([fresh, cached, completionTokens]) => ({
    promptTokens: cacheUsage === false ? fresh : fresh + cached,
    ...(cacheUsage === false ? {} : { cacheReadTokens: cached }),
    completionTokens,
  }));
}

/** Puts the results of each assistant message's calls at the head of the user message that follows. */
function answerCalls(messages: readonly Message[]): Message[] {
  return messages.map((message, at) => {
    if (message.role !== 'user') return message;
    const calls = (messages[at - 1]?.content ?? []).filter((block) => block.type === 'tool-call');
    const results = calls.map(
      (call): Block => ({ type: 'tool-result', callId: call.id, content: [{ type: 'text', text: `of ${call.name}` }] }),
    );
    return { ...message, content: [...results, ...message.content] };
  });
}
