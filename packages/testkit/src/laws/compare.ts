import { type Block, type ChatReply, mergeUsage, type StreamEvent, saysSomething, type Usage } from '@signalbox/kit';

/** Joins neighbouring deltas of one block: how a wire cuts a text says nothing. */
export function coalesce(events: readonly StreamEvent[]): StreamEvent[] {
  const out: StreamEvent[] = [];
  for (const event of events) {
    const last = out.at(-1);
    if (event.type === 'text-delta' && last?.type === 'text-delta')
      out[out.length - 1] = { ...last, text: last.text + event.text };
    else if (event.type === 'reasoning-delta' && last?.type === 'reasoning-delta') {
      out[out.length - 1] = { ...last, text: last.text + event.text };
    } else if (event.type === 'tool-input-delta' && last?.type === 'tool-input-delta') {
      out[out.length - 1] = { ...last, json: last.json + event.json };
    } else out.push(event);
  }
  return out;
}

/** Numbers the tool-call ids that the wire did not give, as they are fresh in every decode. */
export function stableIds(events: readonly StreamEvent[], wire: string): StreamEvent[] {
  let made = 0;
  return events.map((event) => {
    if (event.type !== 'block-start' || event.block.type !== 'tool-call' || wire.includes(event.block.id)) return event;
    return { ...event, block: { ...event.block, id: `made-${made++}` } };
  });
}

/** What two forms of one reply must agree on: content, stop reason and counts. */
export interface Essence {
  readonly content: readonly Block[];
  readonly stopReason: ChatReply['stopReason'];
  readonly usage: Usage | undefined;
}

/**
 * Without ids, raw words and state that only names an origin; neighbouring texts are one, empty blocks none, arguments are
 * their value.
 */
export function essence({ content, stopReason, usage }: ChatReply): Essence {
  const blocks: Block[] = [];
  for (const block of content) {
    const last = blocks.at(-1);
    if (block.type === 'text' && block.text === '') continue;
    if (block.type === 'reasoning' && block.text === '' && !saysSomething(block.state)) continue;
    if (block.type === 'text' && last?.type === 'text')
      blocks[blocks.length - 1] = { ...last, text: last.text + block.text };
    else if (block.type === 'tool-call') {
      const { rawInput: _raw, ...call } = block;
      blocks.push(call);
    } else if (block.type === 'reasoning' && block.state !== undefined && !saysSomething(block.state)) {
      const { state: _origin, ...unsigned } = block;
      blocks.push(unsigned);
    } else blocks.push(block);
  }
  return { content: blocks, stopReason, usage: countsOf(usage) };
}

/** The counts alone; `undefined` where there are none. */
export function countsOf(usage: Usage | undefined): Usage | undefined {
  if (usage === undefined) return undefined;
  const { extensions: _extensions, ...counts } = usage;
  return Object.keys(counts).length === 0 ? undefined : counts;
}

export function usageOfEvents(events: readonly StreamEvent[]): Usage | undefined {
  let usage: Usage | undefined;
  for (const event of events) if (event.type === 'usage') usage = mergeUsage(usage, event.usage);
  return usage;
}

/** The argument text of every tool call that was closed, by block index. */
export function closedCalls(events: readonly StreamEvent[]): Map<number, string> {
  const open = new Map<number, string>();
  const closed = new Map<number, string>();
  for (const event of events) {
    if (event.type === 'block-start' && event.block.type === 'tool-call') open.set(event.index, '');
    if (event.type === 'tool-input-delta') open.set(event.index, `${open.get(event.index) ?? ''}${event.json}`);
    const whole = event.type === 'block-end' ? open.get(event.index) : undefined;
    if (event.type === 'block-end' && whole !== undefined) closed.set(event.index, whole);
  }
  return closed;
}
