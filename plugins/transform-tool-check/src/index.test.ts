import { describe, expect, it } from '@jest/globals';
import {
  type ChatRequest,
  countNotes,
  type FidelityNote,
  type JsonObject,
  messageToEvents,
  type Reply,
  type StopReason,
  type StreamEvent,
  type Tool,
  type ToolCallBlock,
  toolCall,
} from '@signalbox/kit';
import { applyPlugin, fakeExchange } from '@signalbox/testkit';
import toolCheck from './index.ts';

const READ: Tool = {
  type: 'function',
  name: 'Read',
  inputSchema: {
    type: 'object',
    properties: { path: { type: 'string' }, limit: { type: 'integer', exclusiveMinimum: 0 } },
    required: ['path'],
  },
};
const read = (rawInput: string): ToolCallBlock => toolCall({ id: 'c', name: 'Read' }, rawInput);
const misfit = (reason: string, index = 0): FidelityNote => ({
  path: `content[${index}].input`,
  action: 'approximated',
  reason: `does not fit the tool’s schema: ${reason}`,
});
const unreadable = (index: number): FidelityNote => ({
  path: `content[${index}].input`,
  action: 'approximated',
  reason: 'the arguments are no JSON',
});
const UNDECLARED: FidelityNote = {
  path: 'content[0]',
  action: 'approximated',
  reason: 'the client declared no such tool',
};

interface Given {
  readonly request?: Partial<ChatRequest>;
  readonly stopReason?: StopReason;
  readonly lane?: 'canonical' | 'pass-through';
  readonly config?: JsonObject;
  readonly noted?: FidelityNote;
}

/** The notes about the same calls, from a stream and from a whole reply; both go out as they came in. */
async function notesOf(calls: readonly ToolCallBlock[], given: Given = {}): Promise<readonly FidelityNote[]> {
  const { request = { tools: [READ] }, stopReason = 'tool-call', lane = 'canonical', config = {}, noted } = given;
  const message = { content: calls, stopReason };
  const batches = messageToEvents(message).map((event) => [event]);
  const both: (readonly FidelityNote[])[] = [];
  for (const kind of ['whole', 'stream'] as const) {
    const { hooks } = await applyPlugin(toolCheck, config);
    const exchange = fakeExchange({ request, lane, target: { provider: 'p', model: 'm' } });
    if (noted !== undefined) exchange.notes.addAll([noted]);
    const reply: Reply = kind === 'whole' ? { kind, message } : { kind, events: streamed(batches) };
    const out = await hooks.transformOut.promise(reply, exchange);
    if (out.kind === 'whole') {
      expect(out).toBe(reply);
    } else {
      let at = 0;
      for await (const batch of out.events) expect(batch).toBe(batches[at++]);
      expect(at).toBe(batches.length);
    }
    both.push(exchange.notes.list);
  }
  expect(both[1]).toEqual(both[0]);
  return both[0] ?? [];
}

async function* streamed(batches: readonly StreamEvent[][]): AsyncGenerator<readonly StreamEvent[]> {
  yield* batches;
}

describe('arguments', () => {
  it.each<[string, string, FidelityNote[]]>([
    ['that fit', '{"path":"a","limit":1}', []],
    ['of a wrong type', '{"path":"a","limit":"12"}', [misfit('/limit must be integer')]],
    ['out of range', '{"path":"a","limit":0}', [misfit('/limit must be > 0')]],
    ['with one missing', '{"limit":1}', [misfit("must have required property 'path'")]],
    ['that are missing', '', [misfit("must have required property 'path'")]],
    ['that are no object', '"secret"', [misfit('must be object')]],
    ['that are no JSON', '{"path":"secret"', [unreadable(0)]],
  ])('%s', async (_name, raw, notes) => {
    expect(await notesOf([read(raw)])).toEqual(notes);
  });

  it('of several calls are told apart', async () => {
    const calls = ['{"path":1}', '{"path":"a"}', '{broken', '{"path":"a","limit":"x"}'].map(read);
    expect(await notesOf(calls)).toEqual([
      misfit('/path must be string'),
      unreadable(2),
      misfit('/limit must be integer', 3),
    ]);
  });

  it('F11 that the limit cut off are no fault of theirs', async () => {
    for (const stopReason of ['max-tokens', 'context-window-exceeded'] as const) {
      expect(await notesOf([read('{"path"')], { stopReason })).toEqual([]);
      expect(await notesOf([read('{"path"'), read('{"path')], { stopReason })).toEqual([unreadable(0)]);
    }
  });

  it('of very many calls do not take long', async () => {
    const { hooks } = await applyPlugin(toolCheck, {});
    const exchange = fakeExchange({ request: { tools: [READ] }, target: { provider: 'p', model: 'm' } });
    const content = Array.from({ length: 20_000 }, () => read('{}'));
    const started = process.cpuUsage();
    await hooks.transformOut.promise({ kind: 'whole', message: { content, stopReason: 'tool-call' } }, exchange);
    expect(process.cpuUsage(started).user / 1_000).toBeLessThan(1_500);
    expect(countNotes(exchange.notes.list)).toBe(content.length);
  });

  it('of a tool without a schema are not looked at', async () => {
    expect(await notesOf([read('{broken')], { request: { tools: [{ type: 'function', name: 'Read' }] } })).toEqual([]);
  });

  it('that were noted by a plugin that mends are not noted again', async () => {
    const noted = { ...misfit('it said so'), reason: 'said already' };
    expect(await notesOf([read('{"path":1}')], { noted })).toEqual([noted]);
  });

  it('of an endless length are left alone', async () => {
    expect(await notesOf([read(`{"path":1,"x":"${'x'.repeat(2_000_000)}"}`)])).toEqual([]);
  });

  it('that came as an object are checked as one', async () => {
    const call: ToolCallBlock = { type: 'tool-call', id: 'c', name: 'Read', input: { path: 1 } };
    expect(await notesOf([call])).toEqual([misfit('/path must be string')]);
    expect(await notesOf([{ ...call, input: {} }])).toEqual([misfit("must have required property 'path'")]);
  });
});

describe('a tool', () => {
  const asked = (tools: readonly Tool[], more: Partial<ChatRequest> = {}) =>
    notesOf([read('{}')], { request: { tools, ...more } });
  const named: Tool = { type: 'opaque', format: 'f', name: 'Read', value: {} };

  it('that the client never declared is noted', async () => {
    expect(await asked([])).toEqual([UNDECLARED]);
    expect(await asked([{ type: 'function', name: 'Write' }])).toEqual([UNDECLARED]);
    expect(await asked([{ ...named, name: 'web_search' }])).toEqual([UNDECLARED]);
  });

  it('that the client may have declared otherwise is not', async () => {
    expect(await asked([named])).toEqual([]);
    expect(await asked([{ type: 'opaque', format: 'f', value: { type: 'toolset' } }])).toEqual([]);
    const extensions = { 'anthropic-messages': { previous_response_id: 'resp_1' } };
    expect(await asked([], { extensions })).toEqual([]);
  });
});

describe('an answer', () => {
  it('that passes through is not looked into', async () => {
    const { hooks } = await applyPlugin(toolCheck, {});
    const exchange = fakeExchange({ lane: 'pass-through' });
    const reply = {
      kind: 'stream',
      get events(): never {
        throw new Error('decoded');
      },
    } as const;
    expect(await hooks.transformOut.promise(reply, exchange)).toBe(reply);
  });

  it.each([
    ['p/*', 1],
    ['ollama/*', 0],
  ])('of other targets than %s is left alone', async (pattern, notes) => {
    expect(await notesOf([read('{}')], { config: { targets: [pattern] } })).toHaveLength(notes);
  });

  it('that breaks off in a call is not judged', async () => {
    const { hooks } = await applyPlugin(toolCheck, {});
    const exchange = fakeExchange({ request: { tools: [READ] } });
    const events = messageToEvents({ content: [read('{"path":1}')], stopReason: 'tool-call' }).slice(0, 3);
    const out = await hooks.transformOut.promise({ kind: 'stream', events: streamed([events]) }, exchange);
    if (out.kind === 'stream') for await (const batch of out.events) expect(batch).toBe(events);
    expect(exchange.notes.list).toEqual([]);
  });
});
