import { GoogleGenAI, MediaResolution } from '@google/genai';
import { afterEach, describe, expect, it } from '@jest/globals';
import formatGemini from '@signalbox/format-gemini';
import formatOllama from '@signalbox/format-ollama';
import type { FidelityNote, JsonObject } from '@signalbox/kit';
import providerGemini from '@signalbox/provider-gemini';
import providerOllama from '@signalbox/provider-ollama';
import { cutAfter, reply } from '@signalbox/testkit';
import { Ollama } from 'ollama';
import { anthropicHeaders, chatBody, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const FULL = { 'x-signalbox-receipt': 'full' };
const GEMINI = '/v1beta/models/m:streamGenerateContent';
const geminiBody = {
  contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
  generationConfig: { mediaResolution: 'MEDIA_RESOLUTION_LOW' },
};
const LOW = 'generationConfig.mediaResolution';
const ollamaBody = { model: 'm', messages: [{ role: 'user', content: 'hi' }], options: { mirostat: 1 } };

const CLIENTS: readonly [
  name: string,
  path: string,
  body: object,
  noted: string,
  parse: (text: string) => unknown[],
][] = [
  ['Gemini, events', `${GEMINI}?alt=sse`, geminiBody, LOW, eventsOf],
  ['Gemini, an array', GEMINI, geminiBody, LOW, (text) => JSON.parse(text) as unknown[]],
  ['Ollama, chat', '/api/chat', ollamaBody, 'options.mirostat', linesOf],
  [
    'Ollama, generate',
    '/api/generate',
    { model: 'm', prompt: 'hi', options: { mirostat: 1 } },
    'options.mirostat',
    linesOf,
  ],
];

function eventsOf(text: string): unknown[] {
  return text
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => JSON.parse(frame.replace(/^data: /, '')) as unknown);
}

function linesOf(text: string): unknown[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

/** The frames of a stream without their receipts, and the receipts. */
function opened(frames: readonly unknown[]): { rest: JsonObject[]; receipts: (readonly FidelityNote[] | undefined)[] } {
  const rest: JsonObject[] = [];
  const receipts: (readonly FidelityNote[] | undefined)[] = [];
  for (const frame of frames) {
    const { x_signalbox_receipt: receipt, ...more } = frame as JsonObject;
    rest.push(more);
    receipts.push(receipt as readonly FidelityNote[] | undefined);
  }
  return { rest, receipts };
}

const start = async (target: string): Promise<void> => {
  gateway = await startTestGateway({
    targets: [target],
    plugins: (url) => [
      [formatGemini],
      [formatOllama],
      [providerGemini, { apiKey: 'AIza-gateway-key', baseUrl: url }],
      [providerOllama, { baseUrl: url }],
    ],
  });
  gateway.provider.on('/v1/chat/completions', reply({ text: 'hello' }));
};

describe.each(CLIENTS)('the receipt of a stream to a client of %s', (_name, path, body, noted, parse) => {
  it('is a member of the last frame, and of no other, where it was asked for', async () => {
    await start('chat/gpt-test');
    const { rest, receipts } = opened(parse(await (await gateway.post(path, body, FULL)).text()));
    expect(receipts.slice(0, -1).filter((receipt) => receipt !== undefined)).toEqual([]);
    expect(receipts.at(-1)?.map((note) => note.path)).toContain(noted);
    expect(JSON.stringify(rest)).toContain('hello');
    const { notes } = await gateway.nextRecord();
    expect(receipts.at(-1)).toEqual(notes);
    const unasked = await gateway.post(path, body);
    expect(await unasked.text()).not.toContain('x_signalbox_receipt');
  });

  it('stands in the frame of the error where the stream fails', async () => {
    await start('chat/gpt-test');
    gateway.provider.on('/v1/chat/completions', cutAfter(700, 'rst', reply({ text: 'hello there, this goes on' })));
    const { rest, receipts } = opened(parse(await (await gateway.post(path, body, FULL)).text()));
    expect(rest.at(-1)).toHaveProperty('error');
    expect(receipts.at(-1)?.map((note) => note.path)).toContain(noted);
  });
});

describe.each([
  ['gemini/gemini-3.8-flash', `${GEMINI}?alt=sse`, geminiBody, ':streamGenerateContent'],
  ['ollama/m', '/api/chat', ollamaBody, '/api/chat'],
] as const)('a stream that passes through, of %s', (target, path, body, upstream) => {
  it('is the same bytes, and the receipt is a header', async () => {
    await start(target);
    const isChat = new RegExp(`${upstream}$`);
    gateway.provider.on(isChat, reply({ text: 'hello' }));
    const asked = await gateway.post(path, body, FULL);
    expect(asked.headers.get('x-signalbox-lane')).toBe('pass-through');
    expect(asked.headers.get('x-signalbox-fidelity')).toBe('lossless');
    expect(JSON.parse(asked.headers.get('x-signalbox-receipt') ?? '')).toEqual([]);
    const unasked = await gateway.post(path, body);
    expect(unasked.headers.get('x-signalbox-receipt')).toBeNull();
    const stamp = /"(?:created_at|responseId)":"[^"]*"/g;
    expect((await asked.text()).replace(stamp, '')).toBe((await unasked.text()).replace(stamp, ''));
  });
});

describe('the official SDKs', () => {
  it('of Google read a stream with a receipt, and chats keep its turns', async () => {
    await start('chat/gpt-test');
    const client = new GoogleGenAI({ apiKey: 'k', httpOptions: { baseUrl: gateway.url, headers: FULL } });
    const chat = client.chats.create({ model: 'm', config: { mediaResolution: MediaResolution.MEDIA_RESOLUTION_LOW } });
    let said = '';
    for await (const chunk of await chat.sendMessageStream({ message: 'hi' })) said += chunk.text ?? '';
    expect(said).toBe('hello');
    expect(chat.getHistory(true)).toHaveLength(3);
  });

  it('of Ollama reads one', async () => {
    await start('chat/gpt-test');
    const client = new Ollama({ host: gateway.url, headers: FULL });
    let said = '';
    let last: object = {};
    const messages = [{ role: 'user', content: 'hi' }];
    for await (const chunk of await client.chat({ model: 'm', messages, stream: true, options: { mirostat: 1 } })) {
      said += chunk.message.content;
      last = chunk;
    }
    expect(said).toBe('hello');
    expect(last).toMatchObject({ done: true, done_reason: 'stop' });
  });
});

describe('what the header of a stream claims', () => {
  it.each([
    ['chat/gpt-test', true, 'lossless so far'],
    ['chat/gpt-test', false, 'lossless'],
    ['anthropic/claude-test', true, 'lossless'],
    ['anthropic/claude-test', false, 'lossless'],
  ])('%s, streamed %s: %s', async (target, stream, claim) => {
    await start(target);
    gateway.provider.on('/v1/messages', reply({ text: 'hello' }));
    const answer = await gateway.post('/v1/messages', messagesBody({ stream }), anthropicHeaders);
    expect(answer.headers.get('x-signalbox-fidelity')).toBe(claim);
    await answer.text();
  });

  it('are the counts of what was lost before it began', async () => {
    await start('chat/gpt-test');
    const answer = await gateway.post(`${GEMINI}?alt=sse`, geminiBody);
    expect(answer.headers.get('x-signalbox-fidelity')).toBe('dropped=1');
    await answer.text();
  });
});

it('the record says whether the client asked for a receipt', async () => {
  await start('chat/gpt-test');
  await (await gateway.post('/v1/chat/completions', chatBody(), FULL)).text();
  expect(await gateway.nextRecord()).toMatchObject({ receipt: true });
  await (await gateway.post('/v1/chat/completions', chatBody())).text();
  expect(await gateway.nextRecord()).not.toHaveProperty('receipt');
});
