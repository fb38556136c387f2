import { isDeepStrictEqual } from 'node:util';
import type { Block, ChatReply, ChatRequest, FidelityNote } from '@signalbox/kit';

/** A part that went in and did not come out again, under its canonical path. `kind`: what of its block it is. */
export type Loss = readonly [path: string, value: unknown, kind?: string];

/**
 * The losses of which no note tells: one at their path, at a part of it, or at what it is a part of. What is lost of many
 * blocks in the same way may be told of one of them.
 */
export function untold(losses: readonly Loss[], notes: readonly FidelityNote[]): Loss[] {
  const told = ([path]: Loss) => notes.some((note) => within(note.path, path) || within(path, note.path));
  const kinds = new Set(losses.filter(told).map(([path, , kind]) => kind ?? path));
  return losses.filter(([path, , kind]) => !kinds.has(kind ?? path));
}

function within(inner: string, outer: string): boolean {
  return outer === '' || inner === outer || inner.startsWith(`${outer}.`) || inner.startsWith(`${outer}[`);
}

const SCALARS = ['maxOutputTokens', 'temperature', 'topP', 'topK', 'userId'] as const;

/**
 * What `before` asks for and `after` does not. Blocks are looked up by what they say, not by where they stand, because wires
 * join and split messages.
 * @param enforced stop sequences that the gateway was asked to enforce.
 */
export function requestLosses(before: ChatRequest, after: ChatRequest, enforced: readonly string[]): Loss[] {
  const said: Placed[] = [
    ...placed(before.system, 'system'),
    ...before.messages.flatMap(({ content }, at) => placed(content, `messages[${at}].content`)),
  ];
  const heard = [...after.system, ...after.messages.flatMap(({ content }) => content)].flatMap(withInner);
  const losses = blockLosses(said, heard);
  before.tools.forEach((tool, at) => {
    if (tool.type !== 'function') return;
    const same = after.tools.find((other) => other.type === 'function' && other.name === tool.name);
    if (same?.type !== 'function') {
      // Of the tools that may not be called, the choice tells.
      losses.push([callable(tool.name, before) ? `tools[${at}]` : 'toolChoice', tool.name]);
      return;
    }
    for (const key of ['description', 'inputSchema', 'strict'] as const) {
      if (tool[key] !== undefined && !isDeepStrictEqual(tool[key], same[key]))
        losses.push([`tools[${at}].${key}`, tool[key]]);
    }
  });
  before.stopSequences?.forEach((sequence, at) => {
    const kept = after.stopSequences?.includes(sequence) === true || enforced.includes(sequence);
    if (!kept) losses.push([`stopSequences[${at}]`, sequence]);
  });
  for (const key of SCALARS) {
    if (before[key] !== undefined && before[key] !== after[key]) losses.push([key, before[key]]);
  }
  if (before.tools.length > 0) losses.push(...toolUseLosses(before, after));
  const { reasoning, responseFormat } = before;
  // Wires have words of their own for how much a model thinks: that nothing is said is the loss.
  if (reasoning !== undefined && after.reasoning === undefined) losses.push(['reasoning', reasoning]);
  if (responseFormat !== undefined && !isDeepStrictEqual(shapeOf(responseFormat), shapeOf(after.responseFormat))) {
    losses.push(['responseFormat', responseFormat]);
  }
  return losses;
}

function callable(name: string, { toolChoice }: ChatRequest): boolean {
  if (toolChoice?.type === 'tool') return toolChoice.name === name;
  return toolChoice?.type === 'allowed' ? toolChoice.names.includes(name) : toolChoice?.type !== 'none';
}

/** What is asked of the use of tools; it says nothing where there are none. */
function toolUseLosses(before: ChatRequest, after: ChatRequest): Loss[] {
  const losses: Loss[] = [];
  if (before.parallelToolCalls === false && after.parallelToolCalls !== false && before.toolChoice?.type !== 'none') {
    losses.push(['parallelToolCalls', before.parallelToolCalls]);
  }
  const { toolChoice } = before;
  // To choose by oneself is what a model does anyway.
  if (
    toolChoice === undefined ||
    toolChoice.type === 'auto' ||
    isDeepStrictEqual(choiceOf(toolChoice), choiceOf(after.toolChoice))
  )
    return losses;
  return [...losses, ['toolChoice', toolChoice]];
}

/** One tool that must be called is the same, whichever way it is said. */
function choiceOf(choice: ChatRequest['toolChoice']): ChatRequest['toolChoice'] {
  const name = choice?.type === 'allowed' && choice.mode === 'required' && choice.names.length === 1 && choice.names[0];
  return typeof name === 'string' ? { type: 'tool', name } : choice;
}

/** The form of the answer, without what only names it. */
function shapeOf(format: ChatRequest['responseFormat']): unknown {
  return format?.type === 'json-schema' ? format.schema : format?.type;
}

/**
 * What `before` says and `after` does not. No losses are the state of reasoning, which clients cannot read, counts that only
 * split others, and which sequence stopped a model where the wire has one word for that and for an end.
 */
export function replyLosses(before: ChatReply, after: ChatReply): Loss[] {
  const said = before.content.map((block) => (block.type === 'reasoning' ? { ...block, state: undefined } : block));
  const losses = blockLosses(placed(said as Block[], 'content'), after.content.flatMap(withInner));
  const { stopReason } = before;
  const oneWord = stopReason === 'stop-sequence' && after.stopReason === 'end-turn';
  if (stopReason !== after.stopReason && !oneWord) losses.push(['stopReason', stopReason]);
  for (const key of ['promptTokens', 'completionTokens'] as const) {
    const count = before.usage?.[key];
    if (count !== undefined && after.usage?.[key] !== count) losses.push([`usage.${key}`, count]);
  }
  const behind = (content: readonly Block[]) => {
    const call = content.findIndex(({ type }) => type === 'tool-call');
    return call === -1 ? -1 : content.findIndex(({ type }, at) => at > call && type === 'text');
  };
  const text = behind(before.content);
  const called = after.content.some(({ type }) => type === 'tool-call');
  if (text !== -1 && called && behind(after.content) === -1)
    losses.push([`content[${text}]`, 'its place behind a tool call', 'place']);
  return losses;
}

interface Placed {
  readonly path: string;
  readonly block: Block;
}

function placed(content: readonly Block[], path: string): Placed[] {
  return content.flatMap((block, at) => {
    const own = { path: `${path}[${at}]`, block };
    return block.type === 'tool-result' ? [own, ...placed(block.content, `${own.path}.content`)] : [own];
  });
}

function withInner(block: Block): Block[] {
  return block.type === 'tool-result' ? [block, ...block.content.flatMap(withInner)] : [block];
}

function blockLosses(said: readonly Placed[], heard: readonly Block[]): Loss[] {
  const texts = heard
    .map((block) => (block.type === 'text' || block.type === 'reasoning' ? block.text : ''))
    .join('\n');
  const states = heard.flatMap((block) =>
    block.type === 'reasoning' && block.state !== undefined ? [block.state] : [],
  );
  const losses: Loss[] = [];
  for (const { path, block } of said) {
    const { type } = block;
    const lose = (value: unknown, part = '') =>
      losses.push([`${path}${part}`, value, type === 'reasoning' ? type : `${type}${part}`]);
    if (isCached(block) && !heard.some(isCached)) lose(true, '.cacheControl');
    switch (type) {
      case 'text':
        if (!texts.includes(block.text)) lose(block.text);
        break;
      case 'reasoning': {
        const { state } = block;
        if (block.text !== '' && !texts.includes(block.text)) lose(block.text);
        if (state === undefined || isDeepStrictEqual(state.data, {})) break;
        if (!states.some(({ data }) => isDeepStrictEqual(data, state.data))) lose(state, '.state');
        break;
      }
      case 'image':
      case 'document':
        if (!heard.some((other) => other.type === type && isDeepStrictEqual(other.source, block.source))) lose(type);
        break;
      case 'tool-call':
        if (!heard.some((other) => other.type === type && sameCall(other, block))) lose(block);
        break;
      case 'tool-result': {
        const same = heard.find((other) => other.type === type && other.callId === block.callId);
        if (same?.type !== type) lose(block.callId);
        else if (block.isError === true && same.isError !== true && isDeepStrictEqual(wordsOf(same), wordsOf(block))) {
          // A wire without a mark for it may say so in words.
          lose(true, '.isError');
        }
      }
    }
  }
  return losses;
}

function wordsOf({ content }: Block & { type: 'tool-result' }): string[] {
  return content.flatMap((block) => (block.type === 'text' ? [block.text] : []));
}

function isCached(block: Block): boolean {
  return block.type !== 'opaque' && block.cacheControl !== undefined;
}

function sameCall(a: Block & { type: 'tool-call' }, b: Block & { type: 'tool-call' }): boolean {
  return a.id === b.id && a.name === b.name && isDeepStrictEqual(a.input, b.input);
}
