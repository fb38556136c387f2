import {
  type Block,
  type ChatRequest,
  type Message,
  type Notes,
  type ReasoningBlock,
  saysSomething,
} from '@signalbox/kit';
import { answerKey, callsIn, textIn } from './answer-key.ts';
import type { Origins, Source } from './origins.ts';
import type { Kept, Known, ReasoningStore } from './store.ts';

/** What is known, and to whom a request goes. */
export interface Memory {
  /** `undefined`: the client carries its state itself, or its answers pass through. */
  readonly store: ReasoningStore | undefined;
  readonly origins: Origins;
  readonly principal: string;
  readonly provider: string;
  readonly notes: Notes;
}

const ALIKE = 'several answers look like this one, and their reasoning differs: none of it goes back';

/**
 * The request with the reasoning that its history has lost, where it stood, and with the origin of bare reasoning that the
 * gateway has seen before; the same object where nothing of it is to change. State that the client carried itself stays.
 */
export function restore(request: ChatRequest, memory: Memory): ChatRequest {
  let changed = false;
  let alike = false;
  const messages = request.messages.map((message, at) => {
    if (message.role !== 'assistant') return message;
    const known = knownOf(request.messages, at, memory);
    if (known === 'alike' && !alike) {
      alike = true;
      memory.notes.add(`messages[${at}]`, 'dropped', ALIKE);
    }
    const content =
      typeof known === 'object' && known.provider === memory.provider
        ? withReasoning(message.content, known.kept)
        : withOrigins(message.content, known, memory);
    if (content === message.content) return message;
    changed = true;
    return { ...message, content };
  });
  return changed ? { ...request, messages } : request;
}

function knownOf(messages: readonly Message[], at: number, { store, ...memory }: Memory): Known | 'alike' | undefined {
  if (store === undefined) return undefined;
  const { content } = messages[at] as Message;
  let thought: string | undefined;
  for (const block of content) {
    if (block.type !== 'reasoning') continue;
    if (block.state !== undefined) return undefined;
    thought = (thought ?? '') + block.text;
  }
  const answer = { text: textIn(content), calls: callsIn(content), ...(thought === undefined ? {} : { thought }) };
  return store.find(answerKey(memory.principal, answer, messages, at), memory.provider);
}

/** The same blocks where none is reasoning that another provider would be taken for the origin of. */
function withOrigins(
  content: readonly Block[],
  known: Known | 'alike' | undefined,
  { origins, principal, provider }: Memory,
): readonly Block[] {
  let wrong = false;
  const tagged = content.map((block) => {
    if (block.type !== 'reasoning' || block.text === '') return block;
    const claimed = block.state?.origin;
    // What nobody signed may be anybody's: Gemini clients have one place for thoughts, whoever had them.
    if (saysSomething(block.state)) return block;
    const source = origins.of(principal, block.text, provider) ?? sourceOf(known);
    if (source === undefined) return block;
    const own = source.provider === provider;
    const origin = source.origin ?? (own ? undefined : source.provider);
    if (origin === undefined || origin === claimed) return block;
    wrong ||= !own || claimed !== undefined;
    return { ...block, state: { origin, data: {} } };
  });
  return wrong ? tagged : content;
}

/** Some clients give a text back that is not quite the one they got; their answer still is. */
function sourceOf(known: Known | 'alike' | undefined): Source | undefined {
  if (typeof known !== 'object') return undefined;
  const { provider, kept } = known;
  for (const { blocks } of kept) {
    for (const { state } of blocks) if (state !== undefined) return { provider, origin: state.origin };
  }
  return undefined;
}

function withReasoning(content: readonly Block[], kept: readonly Kept[]): readonly Block[] {
  // Bare reasoning text that the client did carry is the same reasoning without its proof.
  const spoken = content.filter(({ type }) => type !== 'reasoning');
  const calls = spoken.filter(({ type }) => type === 'tool-call').length;
  const blocksAt = (fits: (at: Kept['at']) => boolean): ReasoningBlock[] =>
    kept.flatMap(({ at, blocks }) => (fits(at) ? blocks : []));
  let call = 0;
  return [
    // Clients put all text of a message into one: what was thought before any of it goes to the front.
    ...blocksAt((at) => at === undefined || (at !== 'end' && at >= calls)),
    ...spoken.flatMap((block): readonly Block[] => {
      if (block.type !== 'tool-call') return [block];
      const own = call++;
      return [...blocksAt((at) => at === own), block];
    }),
    ...blocksAt((at) => at === 'end'),
  ];
}
