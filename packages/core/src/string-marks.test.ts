import { describe, expect, it } from '@jest/globals';
import { bodyHolds } from '@signalbox/kit';
import fc from 'fast-check';
import { scanBody } from './body-scan.ts';

const marksOf = (text: string) => scanBody(Buffer.from(text)).marks;

describe('the marks of a body', () => {
  it('never miss a string that is there, whole or by its start', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), fc.nat(), (value, text, cut) => {
        const body = JSON.stringify({ model: 'm', value, deep: [{ text }] });
        const marks = marksOf(body);
        const strings = body.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
        for (const quoted of strings) {
          // Marks are plain letters.
          if (!/^[ -~]*$/.test(quoted) || quoted.includes('\\')) continue;
          expect(marks?.mayHold(quoted)).toBe(true);
          expect(marks?.mayHold(quoted.slice(0, 1 + (cut % (quoted.length - 1))))).toBe(true);
        }
      }),
    );
  });

  it('rule out what is not there', () => {
    const marks = marksOf('{"model":"m","messages":[{"type":"text","text":"an \\"image\\" of a \\"document\\""}]}');
    for (const mark of ['"image"', '"document"', '"web_search', '"thinking"', '"json_schema"']) {
      expect(marks?.mayHold(mark)).toBe(false);
    }
  });

  it('say nothing about texts within strings, or about empty ones', () => {
    expect(marksOf('{"model":"m"}')?.mayHold('anything')).toBe(true);
    expect(marksOf('{"model":"m"}')?.mayHold('""')).toBe(true);
    expect(marksOf('{"model":"m"}')?.mayHold('"')).toBe(true);
  });

  it('know where the values of the top level begin', () => {
    const body = '{ "model" : "m", "a":{"system":1,"messages":[2]}, "messages" : [3], "system":"s" }';
    const marks = marksOf(body);
    expect(body.slice(marks?.startOf('messages'))).toMatch(/^ \[3\]/);
    expect(body.slice(marks?.startOf('system'))).toMatch(/^"s"/);
    expect(marks?.startOf('tools')).toBeUndefined();
    expect(marks?.startOf('__proto__')).toBeUndefined();
  });

  it('are silent where only a parser can be trusted', () => {
    expect(marksOf('{"model":"m","system":1,"system":2}')?.startOf('system')).toBeUndefined();
    expect(marksOf('{"model":"m","sys\\u0074em":1,"system":2}')).toBeUndefined();
    expect(marksOf('{"model":"m","cut')).toBeUndefined();
    expect(marksOf('["model"]')).toBeUndefined();
  });

  it('spare a search, and never change its answer', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('"a"', '"b', '"type"', '"1', 'b"', '"ab"'), (value, mark) => {
        const rawBody = Buffer.from(JSON.stringify({ model: 'm', value }));
        const { marks } = scanBody(rawBody);
        const state = <T>(key: { create: () => T }): T => key.create();
        const exchange = { rawBody, state, ...(marks === undefined ? {} : { bodyMarks: marks }) };
        expect(bodyHolds(exchange, mark)).toBe(rawBody.includes(mark));
      }),
    );
  });
});
