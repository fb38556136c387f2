import { describe, expect, it } from '@jest/globals';
import { anthropicMessages } from '@signalbox/format-anthropic-messages';
import { gemini } from '@signalbox/format-gemini';
import { ollama } from '@signalbox/format-ollama';
import { openaiChat } from '@signalbox/format-openai-chat';
import { openaiResponses } from '@signalbox/format-openai-responses';
import {
  type ChatReply,
  type ChatRequest,
  type FidelityNote,
  type Format,
  messageToEvents,
  Notes,
  ToolNames,
} from '@signalbox/kit';

const FORMATS: readonly Format[] = [anthropicMessages, openaiChat, openaiResponses, gemini, ollama];
const NOBODY = 'nobodys-format';

const foreign = { [NOBODY]: { odd: 1 } };
const opaque = { type: 'opaque', format: NOBODY, value: { type: 'odd' } } as const;

/** A reply that every client loses something of. */
const REPLY: ChatReply = {
  content: [
    { type: 'reasoning', text: 'Hm.', state: { origin: 'nobody', data: 's' } },
    { type: 'text', text: 'Well', extensions: { [NOBODY]: { deltas: [{ type: 'odd' }] } } },
    opaque,
    { type: 'tool-call', id: 'c1', name: 'f', input: { a: 1 }, rawInput: '{"a":1}', extensions: foreign },
    { type: 'tool-call', id: 'c2', name: 'f', input: [1], rawInput: '[1]' },
  ],
  stopReason: 'tool-call',
  extensions: foreign,
};

/** A request that every provider loses something of. */
const REQUEST: ChatRequest = {
  model: 'm',
  stream: false,
  system: [
    { type: 'text', text: 'x-anthropic-billing-header: a=1' },
    { type: 'text', text: 'Be kind.', cacheControl: { ttl: '1h' }, extensions: foreign },
  ],
  messages: [
    { role: 'assistant', content: [{ type: 'text', text: 'I begin.', extensions: foreign }] },
    {
      role: 'user',
      content: [{ type: 'text', text: 'Go', cacheControl: {} }, { type: 'text', text: ' ' }, opaque],
      extensions: foreign,
    },
    {
      role: 'assistant',
      content: [
        { type: 'text', text: 'So' },
        { type: 'reasoning', text: 'Hm.', state: { origin: 'nobody', data: 's' }, extensions: foreign },
        opaque,
        { type: 'tool-call', id: 'c1', name: 'f', input: {}, rawInput: '[1]', cacheControl: {}, extensions: foreign },
        { type: 'tool-call', id: 'c2', name: 'f', input: {} },
        { type: 'text', text: 'and' },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool-result', callId: 'c1', content: [{ type: 'text', text: 'ok' }, opaque], extensions: foreign },
        { type: 'tool-result', callId: 'c9', content: [{ type: 'text', text: 'ok' }] },
      ],
    },
    { role: 'system', content: [{ type: 'text', text: 'Now.' }] },
    { role: 'assistant', content: [{ type: 'text', text: 'And ' }] },
  ],
  tools: [
    {
      type: 'function',
      name: 'f',
      inputSchema: { type: 'object', oneOf: [], not: {} },
      strict: true,
      cacheControl: {},
      extensions: foreign,
    },
    { type: 'opaque', format: NOBODY, value: { type: 'odd' } },
    {
      type: 'opaque',
      format: NOBODY,
      name: 'search',
      value: { type: 'odd' },
      webSearch: { maxUses: 1, others: ['odd'] },
    },
  ],
  toolChoice: { type: 'tool', name: 'search' },
  parallelToolCalls: false,
  temperature: 1.7,
  topP: 0.5,
  topK: 3,
  stopSequences: ['a', 'b', 'c', 'd', 'e', 'f', ' '],
  reasoning: { mode: 'budget', budgetTokens: 100, effort: 'minimal', display: 'omitted' },
  responseFormat: {
    type: 'json-schema',
    name: 'n',
    description: 'd',
    schema: { type: 'object', properties: { a: {} } },
  },
  userId: 'u'.repeat(80),
  extensions: foreign,
};

const BLOCK = String.raw`content\[\d+\](?:\.content\[\d+\])*(?:\.(?:input|cacheControl(?:\.\w+)?|odd))?`;
/** Where a note of a request may stand: at what the canonical request has, or at a field of a format's own. */
const OF_REQUEST = new RegExp(
  [
    String.raw`^system(?:\[\d+\](?:\.(?:odd|cacheControl(?:\.\w+)?))?)?$`,
    String.raw`^messages(?:\[\d+\](?:\.(?:odd|${BLOCK}))?)?$`,
    String.raw`^tools(?:\[\d+\](?:\.(?:odd|strict|maxUses|inputSchema|cacheControl(?:\.\w+)?))?)?$`,
    '^(?:toolChoice|parallelToolCalls|maxOutputTokens|temperature|topP|topK|userId|odd)$',
    String.raw`^stopSequences(?:\[\d+\])?$`,
    '^reasoning(?:\\.(?:mode|effort|budgetTokens|display))?$',
    '^responseFormat(?:\\.(?:name|description|strict|schema))?$',
  ].join('|'),
);
/** The same of a reply. */
const OF_REPLY = new RegExp(`^(?:odd|${BLOCK})$`);

function replyNotes(format: Format, stream: boolean): readonly FidelityNote[] {
  const notes = new Notes();
  const request: ChatRequest = { model: 'm', stream, system: [], messages: [], tools: [] };
  const client = { model: 'm', headers: {}, notes, request, estimatePromptTokens: () => 1 };
  if (stream) format.createStreamEncoder(client).encode(messageToEvents(REPLY));
  else format.encodeReply(REPLY, client);
  return notes.list;
}

describe.each(FORMATS.map((format) => ({ id: format.id, format })))('the notes of $id', ({ format }) => {
  it('name places of the request by one grammar', () => {
    const notes = new Notes();
    format.encodeRequest(REQUEST, {
      model: 'm',
      notes,
      toolNames: new ToolNames(),
      reasoningOrigin: 'mine',
      enforceStopSequences: () => {},
    });
    expect(notes.list.map(({ path }) => path).filter((path) => !OF_REQUEST.test(path))).toEqual([]);
    expect(notes.list.length).toBeGreaterThan(10);
  });

  it('name places of the reply by the same one, and the same ones of a stream', () => {
    const whole = replyNotes(format, false);
    expect(whole.map(({ path }) => path).filter((path) => !OF_REPLY.test(path))).toEqual([]);
    const told = ({ path, action }: FidelityNote): string => `${action} ${path}`;
    expect(replyNotes(format, true).map(told).sort()).toEqual(whole.map(told).sort());
  });
});
