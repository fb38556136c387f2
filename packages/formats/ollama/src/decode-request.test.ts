import { describe, expect, it } from '@jest/globals';
import { type JsonObject, Notes } from '@signalbox/kit';
import { decode, encode } from '../test/context.ts';
import { ollama } from './index.ts';

const USER = { role: 'user', content: 'Hi' };

describe('a chat', () => {
  it('streams unless it says otherwise, and has its options in canonical words', () => {
    const request = decode({
      model: 'm',
      messages: [USER],
      think: 'max',
      format: 'json',
      options: { num_predict: 9, temperature: 0, top_p: 0.5, top_k: 3, stop: 'END', seed: 4 },
    });
    expect(request).toEqual({
      model: 'm',
      stream: true,
      system: [],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
      tools: [],
      maxOutputTokens: 9,
      temperature: 0,
      topP: 0.5,
      topK: 3,
      stopSequences: ['END'],
      reasoning: { mode: 'adaptive', effort: 'max' },
      responseFormat: { type: 'json-object' },
      extensions: { ollama: { 'options.seed': 4 } },
    });
    expect(ollama.streamsByDefault).toBe(true);
  });

  it('has its own fields named by other formats as far as they are lost, and back in this one', () => {
    const said = {
      keep_alive: '5m',
      truncate: false,
      options: { seed: 4, num_ctx: 8192, min_p: 0, presence_penalty: 0, mirostat: 2, num_predict: -1 },
    };
    const request = decode({ model: 'm', messages: [USER], ...said });
    const notes = new Notes();
    notes.foreignExtensions(request.extensions, 'another', '');
    expect(notes.list.map(({ action, path }) => `${action} ${path}`)).toEqual([
      'mapped keep_alive',
      'dropped options.seed',
      'mapped options.num_ctx',
      'dropped options.mirostat',
    ]);
    expect(encode(request).body).toMatchObject(said);
  });

  it('F56 pairs results with calls by name and order where a client knows no ids', () => {
    const { messages } = decode({
      model: 'm',
      messages: [
        USER,
        {
          role: 'assistant',
          content: '',
          tool_calls: ['read', 'list', 'read'].map((name) => ({ function: { name, arguments: {} } })),
        },
        { role: 'tool', tool_name: 'list', content: 'L' },
        { role: 'tool', tool_name: 'read', content: 'R1' },
        { role: 'tool', content: 'R2' },
        { role: 'user', content: 'Go on' },
      ],
    });
    const [first, second, third] =
      messages[1]?.content.map((block) => (block.type === 'tool-call' ? block.id : '')) ?? [];
    expect(new Set([first, second, third]).size).toBe(3);
    expect(messages[2]?.content.map((block) => (block.type === 'tool-result' ? block.callId : block.type))).toEqual([
      second,
      first,
      third,
      'text',
    ]);
    // The same history gives the same ids: prompt caches depend on it.
    const again = decode({
      model: 'm',
      messages: [USER, { role: 'assistant', tool_calls: [{ function: { name: 'read' } }] }],
    });
    expect(again.messages[1]?.content[0]).toMatchObject({ id: first });
  });

  it.each([
    ['iVBORw0KGgoAAAA', 'image/png'],
    ['/9j/4AAQSkZJRg', 'image/jpeg'],
    ['R0lGODlhAQABAA', 'image/gif'],
    [Buffer.from('RIFF....WEBPVP8 ').toString('base64'), 'image/webp'],
    [Buffer.from('RIFF....WAVEfmt ').toString('base64'), 'audio/wav'],
    ['data:image/png;base64,iVBORw0KGgoAAAA', 'image/png'],
    ['AAAA', 'application/octet-stream'],
  ])('F49 knows the kind of the image %s', (image, mediaType) => {
    const { messages } = decode({ model: 'm', messages: [{ ...USER, images: [image] }] });
    expect(messages[0]?.content[1]).toMatchObject({ type: 'image', source: { type: 'base64', mediaType } });
  });

  it.each<[JsonObject, string]>([
    [{ messages: [] }, 'model'],
    [{ model: 'm', messages: [{ role: 'robot', content: '' }] }, 'messages[0].role'],
    [{ model: 'm', messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages[0].content'],
    [{ model: 'm', messages: [{ ...USER, images: [1] }] }, 'messages[0].images[0]'],
    [{ model: 'm', messages: [{ role: 'assistant', tool_calls: [{ function: {} }] }] }, 'tool_calls[0].function.name'],
    [{ model: 'm', messages: [USER], think: 'very' }, 'think'],
    [{ model: 'm', messages: [USER], format: 'xml' }, 'format'],
    [{ model: 'm', messages: [USER], options: { temperature: 'hot' } }, 'options.temperature'],
    [{ model: 'm', messages: [USER], options: { stop: [1] } }, 'options.stop'],
    [{ model: 'm', messages: [USER], tools: [{ function: {} }] }, 'tools[0].function.name'],
    [{ model: 'm', messages: [USER], stream: 'yes' }, 'stream'],
  ])('%j is refused by naming %s', (body, field) => {
    expect(() => decode(body)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
    expect(() => decode(body)).toThrow(field);
  });
});

describe('a single prompt', () => {
  it('is a chat of one message, by its path', () => {
    const request = decode(
      { model: 'm', prompt: 'Hi', system: 'Be brief.', template: '{{ .Prompt }}' },
      '/api/generate',
    );
    expect(request).toMatchObject({
      system: [{ type: 'text', text: 'Be brief.' }],
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
      extensions: { ollama: { $generate: true, template: '{{ .Prompt }}' } },
    });
    expect(encode(request).body).toMatchObject({ prompt: 'Hi', system: 'Be brief.', template: '{{ .Prompt }}' });
  });

  it('is sent as a chat once it holds more than a prompt, and says what that loses', () => {
    const request = decode({ model: 'm', prompt: 'Hi', suffix: 'end' });
    const grown = { ...request, tools: [{ type: 'function', name: 't' } as const] };
    const { body, notes } = encode(grown);
    expect(body).toMatchObject({ messages: [USER] });
    expect(body).not.toHaveProperty('suffix');
    expect(notes).toEqual(['dropped suffix']);
  });
});

describe('what loads a model', () => {
  it.each<[JsonObject, string | undefined]>([
    [{ messages: [] }, 'load'],
    [{ prompt: '' }, 'load'],
    [{ prompt: '', keep_alive: 0 }, 'unload'],
    [{ messages: [USER] }, undefined],
  ])('%j is answered with %j where there is none to load', (body, reason) => {
    const reply = ollama.answersElsewhere?.(decode({ model: 'm', ...body }));
    expect(reply?.rawStopReason).toBe(reason);
    expect(reply?.content ?? []).toEqual([]);
  });
});

describe('what other formats must not be asked', () => {
  it.each<[string, JsonObject, string | undefined]>([
    ['filling in', { prompt: 'a', suffix: 'b' }, 'UNSUPPORTED'],
    ['F78 a conversation as tokens', { prompt: 'a', context: [1] }, 'UNSUPPORTED'],
    ['audio', { messages: [{ ...USER, images: ['T2dnUwAC'] }] }, 'UNSUPPORTED'],
    ['anything else', { messages: [{ ...USER, images: ['iVBORw0KGgo'] }], keep_alive: '5m' }, undefined],
  ])('%s', (_name, body, code) => {
    expect(ollama.refusesElsewhere?.(decode({ model: 'm', ...body }))?.code).toBe(code);
  });
});
