import { GoogleGenAI } from '@google/genai';
import { afterEach, describe, expect, it } from '@jest/globals';
import gemini from '@signalbox/format-gemini';
import providerGemini from '@signalbox/provider-gemini';
import { cutAfter, geminiTurn, openaiChatTurn, sse } from '@signalbox/testkit';
import OpenAI from 'openai';
import { startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const turn = { text: 'A text that is cut before its end.' };

async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _chunk of stream);
}

describe('F21 a stream that passes through and is cut', () => {
  // Inside the word `data`, in the JSON, behind a whole line.
  it.each([3, 40, -2])('ends with an error for Google’s SDK, %d bytes into a frame', async (into) => {
    gateway = await startTestGateway({
      targets: ['gemini/gemini-test'],
      plugins: (url) => [[gemini], [providerGemini, { apiKey: 'AIza-gateway-key', baseUrl: url }]],
    });
    const { frames } = geminiTurn(turn, { model: 'gemini-test' });
    const [first = '', second = ''] = frames;
    const at = Buffer.byteLength(first) + (into < 0 ? Buffer.byteLength(second) + into : into);
    gateway.provider.on(/streamGenerateContent/, cutAfter(at, 'fin', sse(frames.join(''))));
    const sdk = new GoogleGenAI({ apiKey: 'client-key', httpOptions: { baseUrl: gateway.url } });
    const stream = await sdk.models.generateContentStream({ model: 'gemini-test', contents: 'Hi.' });
    await expect(drain(stream)).rejects.toThrow();
    expect(await gateway.nextRecord()).toMatchObject({ lane: 'pass-through', error: { code: 'CUT_STREAM' } });
  });

  it.each([3, -2])('tells OpenAI’s SDK why, %d bytes into a frame', async (into) => {
    gateway = await startTestGateway({ targets: ['chat/gpt-test'] });
    const { frames } = openaiChatTurn(turn, { model: 'gpt-test' });
    const [first = '', second = '', third = ''] = frames;
    const before = Buffer.byteLength(first + second);
    const at = before + (into < 0 ? Buffer.byteLength(third) + into : into);
    gateway.provider.on(/completions/, cutAfter(at, 'fin', sse(frames.join(''))));
    const sdk = new OpenAI({ apiKey: 'client-key', baseURL: `${gateway.url}/v1`, maxRetries: 0 });
    const messages = [{ role: 'user', content: 'Hi.' }] as const;
    const stream = await sdk.chat.completions.create({ model: 'gpt-test', stream: true, messages: [...messages] });
    await expect(drain(stream)).rejects.toThrow(/middle of its answer|broke|closed|connection/i);
  });
});
