import { describe, expect, it } from '@jest/globals';
import type { ChatReply, StreamEvent, ToolCallBlock } from '@signalbox/spec';
import {
  collectMessage,
  collectReply,
  type EventMapper,
  MessageCollector,
  mapEvents,
  mergeUsage,
  messageToEvents,
  type StreamReply,
  toolCall,
} from './reply.ts';

const MESSAGE: ChatReply = {
  id: 'id-1',
  model: 'm',
  content: [
    { type: 'reasoning', text: 'hm', state: { origin: 'o', data: 'sig' } },
    { type: 'reasoning', text: '', state: { origin: 'o', data: [1] }, redacted: true },
    { type: 'text', text: 'Hello', extensions: { f: { deltas: [{ cite: 1 }, { cite: 2 }] } } },
    { type: 'text', text: '' },
    { type: 'tool-call', id: 'c1', name: 'a', input: { x: 1 }, rawInput: '{"x": 1}' },
    { type: 'tool-call', id: 'c2', name: 'b', input: {}, rawInput: '{"cut', extensions: { f: { y: 2 } } },
    { type: 'opaque', format: 'f', value: { type: 'server' } },
  ],
  stopReason: 'tool-call',
  rawStopReason: 'tool_use',
  usage: { promptTokens: 3, completionTokens: 0 },
  extensions: { f: { z: 1 } },
};

/** A stream of these batches; `onReturn` hears when its reader is done with it. */
function streamOf(batches: StreamEvent[][], onReturn = () => {}): StreamReply {
  return {
    kind: 'stream',
    events: (async function* () {
      try {
        yield* batches;
      } finally {
        onReturn();
      }
    })(),
  };
}

const upper: EventMapper = (event) =>
  event.type === 'text-delta' ? { ...event, text: event.text.toUpperCase() } : event;

describe('messageToEvents, collectMessage', () => {
  it('give the message back', () => {
    expect(collectMessage(messageToEvents(MESSAGE))).toEqual(MESSAGE);
  });

  it('F04 keep the grammar: blocks counted from 0, one after the other', () => {
    const events = messageToEvents(MESSAGE);
    const indexes = events.filter(({ type }) => type === 'block-start').map((event) => 'index' in event && event.index);
    expect(indexes).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(events.map(({ type }) => type)).toEqual([
      'message-start',
      'usage',
      ...['block-start', 'reasoning-delta', 'signature', 'block-end'],
      ...['block-start', 'signature', 'block-end'],
      ...['block-start', 'text-delta', 'extension-delta', 'extension-delta', 'block-end'],
      ...['block-start', 'block-end'],
      ...['block-start', 'tool-input-delta', 'block-end'],
      ...['block-start', 'tool-input-delta', 'block-end'],
      ...['block-start', 'block-end'],
      'message-end',
    ]);
  });

  it('print the input of a call that never was text', () => {
    const call: ToolCallBlock = { type: 'tool-call', id: 'c', name: 'n', input: { a: [1] } };
    expect(collectMessage(messageToEvents({ content: [call], stopReason: 'tool-call' })).content).toEqual([
      { ...call, rawInput: '{"a":[1]}' },
    ]);
  });

  it('F21 refuse a reply that was not finished', () => {
    const cut = messageToEvents(MESSAGE).slice(0, -1);
    expect(() => collectMessage(cut)).toThrow(expect.objectContaining({ code: 'CUT_STREAM' }));
  });

  it('F15 throw what an error event says', () => {
    const error = { code: 'RATE_LIMITED', message: 'slow', status: 429, retryable: true, retryAfterSeconds: 3 };
    expect(() => collectMessage([{ type: 'message-start' }, { type: 'error', error }])).toThrow(
      expect.objectContaining(error),
    );
  });

  it('F35 overwrite usage, keep what a later report leaves out, and take 0 for a count', () => {
    const collector = new MessageCollector();
    collector.add({ type: 'usage', usage: { promptTokens: 10, completionTokens: 1 } });
    collector.add({ type: 'usage', usage: { completionTokens: 0 } });
    collector.add({ type: 'message-end', stopReason: 'end-turn' });
    expect(collector.finish().usage).toEqual({ promptTokens: 10, completionTokens: 0 });
    expect(mergeUsage(undefined, { costUsd: 1 })).toEqual({ costUsd: 1 });
  });
});

describe('toolCall', () => {
  it('keeps arguments as text that are nested too deep to be said again', () => {
    const rawInput = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
    const call = toolCall({ id: 'i', name: 'n' }, rawInput);
    expect(call).toMatchObject({ input: {}, rawInput });
    expect(() => JSON.stringify(call)).not.toThrow();
  });

  it.each([
    ['', {}],
    [' ', {}],
    ['{"a":1}', { a: 1 }],
    ['[1]', [1]],
    ['null', null],
    ['{"a":', {}],
  ])('F11 keeps the argument text %j', (rawInput, input) => {
    expect(toolCall({ id: 'i', name: 'n' }, rawInput)).toEqual({
      type: 'tool-call',
      id: 'i',
      name: 'n',
      input,
      rawInput,
    });
  });
});

describe('mapEvents', () => {
  it('maps a whole reply', () => {
    const reply = mapEvents({ kind: 'whole', message: MESSAGE }, () => upper);
    expect(reply.kind === 'whole' && reply.message.content[2]).toMatchObject({ text: 'HELLO' });
  });

  it('maps a stream like the whole reply', async () => {
    const events = messageToEvents(MESSAGE);
    const mapped = await collectReply(mapEvents(streamOf([events.slice(0, 6), events.slice(6)]), () => upper));
    expect(mapped).toEqual(await collectReply(mapEvents({ kind: 'whole', message: MESSAGE }, () => upper)));
  });

  it('takes none, one or several events out of one, and passes no empty batch on', async () => {
    const events = messageToEvents({ content: [{ type: 'text', text: 'ab' }], stopReason: 'end-turn' });
    const mapper: EventMapper = (event) => {
      if (event.type === 'text-delta') return [...event.text].map((text) => ({ ...event, text }));
      return event.type === 'message-start' ? undefined : event;
    };
    const reply = mapEvents(streamOf(events.map((event) => [event])), () => mapper);
    const batches: (readonly StreamEvent[])[] = [];
    if (reply.kind === 'stream') for await (const batch of reply.events) batches.push(batch);
    expect(batches.map((batch) => batch.map(({ type }) => type))).toEqual([
      ['block-start'],
      ['text-delta', 'text-delta'],
      ['block-end'],
      ['message-end'],
    ]);
  });

  it('makes a fresh mapper for each reply', () => {
    let made = 0;
    const create = () => {
      made++;
      return upper;
    };
    mapEvents({ kind: 'whole', message: MESSAGE }, create);
    mapEvents(streamOf([]), create);
    expect(made).toBe(2);
  });

  it('F37 ends the stream behind it when its reader stops', async () => {
    let returned = false;
    const source = streamOf([messageToEvents(MESSAGE), []], () => {
      returned = true;
    });
    const reply = mapEvents(source, () => upper);
    if (reply.kind === 'stream') for await (const _batch of reply.events) break;
    expect(returned).toBe(true);
  });
});
