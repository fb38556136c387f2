import { describe, expect, it } from '@jest/globals';
import { formatIds } from './answers.ts';
import { clientRequest } from './client-requests.ts';

describe.each(formatIds)('a request of %s', (format) => {
  it.each([
    ['1 KB', 1024, 0.12],
    ['100 KB', 100 * 1024, 0.02],
  ] as const)('has about %s, and is always the same', (size, bytes, share) => {
    const request = clientRequest(format, size, 'some-model', true);
    expect(Math.abs(Buffer.byteLength(request.body) - bytes)).toBeLessThan(bytes * share);
    expect(clientRequest(format, size, 'some-model', true)).toEqual(request);
  });

  it('says in its own way which model is asked, and whether for a stream', () => {
    for (const stream of [true, false]) {
      const { path, body } = clientRequest(format, '100 KB', 'some-model', stream);
      const { model, stream: said } = JSON.parse(body) as { model?: string; stream?: boolean };
      if (format === 'gemini') {
        expect(path).toContain(`/some-model:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`);
      } else {
        expect(model).toBe('some-model');
        expect(said === true).toBe(stream);
      }
    }
  });

  it('keeps the whole history and all tools', () => {
    const { body } = clientRequest(format, '100 KB', 'some-model', false);
    expect(body).toContain('Make the failing test of the points machine pass.');
    for (let tool = 0; tool < 24; tool++) expect(body).toContain(`"name":"Tool${tool}"`);
    for (let turn = 0; turn < 10; turn++) expect(body).toContain(`/project/src/file-${turn}.ts`);
  });
});
