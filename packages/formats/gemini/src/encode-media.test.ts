import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { userRequest } from '@signalbox/testkit';
import { encode } from '../test/support.ts';
import { gemini, vertexDialect } from './index.ts';

const said = (text: string) => ({ type: 'text' as const, text });

describe('media', () => {
  const send = (block: JsonObject, format = gemini.with({})) =>
    (
      encode(userRequest('m', { messages: [{ role: 'user', content: [block as never] }] }), {}, format).body
        .contents as { parts: JsonObject[] }[]
    )[0]?.parts;

  it('F83 a URL is refused where nobody fetches it, and never passed off as a file', () => {
    const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } };
    expect(() => send(image)).toThrow('base64');
    expect(send(image, gemini.with(vertexDialect))).toEqual([
      { fileData: { mimeType: 'image/png', fileUri: 'https://example.com/a.png' } },
    ]);
    expect(() =>
      send({ type: 'image', source: { type: 'url', url: 'https://example.com/a' } }, gemini.with(vertexDialect)),
    ).toThrow('base64');
    expect(send({ type: 'image', source: { type: 'url', url: 'data:image/webp;base64,AAAA' } })).toEqual([
      { inlineData: { mimeType: 'image/webp', data: 'AAAA' } },
    ]);
    expect(() =>
      send({ type: 'image', source: { type: 'file', fileId: 'file_1', format: 'anthropic-messages' } }),
    ).toThrow('uploaded');
  });

  it('F51 documents go as bytes or text, under their title', () => {
    const pdf = { type: 'base64', mediaType: 'application/pdf', data: 'JVBERi0=' };
    expect(send({ type: 'document', source: pdf, title: 'a.pdf', context: 'Old.' })).toEqual([
      { text: '# a.pdf\nOld.' },
      { inlineData: { mimeType: 'application/pdf', data: 'JVBERi0=' } },
    ]);
    expect(send({ type: 'document', source: { type: 'text', text: 'T' }, title: 'a' })).toEqual([{ text: '# a\nT' }]);
    expect(send({ type: 'document', source: { type: 'content', content: [said('x')] }, title: 'a' })).toEqual([
      { text: '# a' },
      { text: 'x' },
    ]);
    expect(() => send({ type: 'document', source: { ...pdf, mediaType: 'application/zip' } })).toThrow(
      'application/zip',
    );
  });

  it('an image type that is not taken leaves a line in its place', () => {
    expect(send({ type: 'image', source: { type: 'base64', mediaType: 'image/gif', data: 'AAAA' } })).toEqual([
      { text: expect.stringContaining('image/gif') },
    ]);
  });
});
