import { describe, expect, it } from '@jest/globals';
import { requestBody } from './bodies.ts';

describe('requestBody', () => {
  it.each([
    ['1 KB', 1024],
    ['100 KB', 100 * 1024],
  ] as const)('is %s on the wire, and always the same', (size, bytes) => {
    const body = requestBody(size, 'some-model', true);
    expect(Math.abs(Buffer.byteLength(body) - bytes)).toBeLessThan(bytes / 100);
    expect(requestBody(size, 'some-model', true)).toBe(body);
    expect(JSON.parse(body)).toMatchObject({ model: 'some-model', stream: true });
    expect(JSON.parse(requestBody(size, 'm', false))).toMatchObject({ model: 'm', stream: false });
  });

  it('is a history in which every tool call has its result', () => {
    const { messages, tools } = JSON.parse(requestBody('100 KB', 'm', false)) as {
      messages: { role: string; content: { type: string; id?: string; tool_use_id?: string; name?: string }[] }[];
      tools: { name: string }[];
    };
    expect(messages.map(({ role }) => role)).toEqual(
      messages.map((_, index) => (index % 2 === 0 ? 'user' : 'assistant')),
    );
    const blocks = messages.flatMap(({ content }) => content);
    const calls = blocks.filter(({ type }) => type === 'tool_use');
    expect(calls.length).toBeGreaterThan(10);
    expect(blocks.flatMap(({ tool_use_id: id }) => id ?? [])).toEqual(calls.map(({ id }) => id));
    expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(calls.map(({ name }) => name)));
  });
});
