import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ModelEcho } from './model-echo.ts';

function echo(wire: string, sizes: readonly number[] = [wire.length]): string {
  const side = new ModelEcho('asked für');
  const bytes = Buffer.from(wire);
  const out: Uint8Array[] = [];
  let at = 0;
  for (let index = 0; at < bytes.length; index++) {
    const size = Math.max(1, sizes[index % Math.max(1, sizes.length)] ?? 1);
    out.push(Buffer.from(side.push(bytes.subarray(at, at + size))));
    at += size;
  }
  out.push(Buffer.from(side.end()));
  return Buffer.concat(out).toString();
}

const ASKED = '"model":"asked für"';

describe('ModelEcho', () => {
  it.each([
    ['every line', '{"model":"a"}\n{"id":1,"model":"a"}\n', `{${ASKED}}\n{"id":1,${ASKED}}\n`],
    ['another name', '{"model":"a"}\n{"model":"a-2"}\n{"model":"a"}', `{${ASKED}}\n{${ASKED}}\n{${ASKED}}`],
    ['blanks', '{"model" : "a"}', `{${ASKED}}`],
    ['the first of a line alone', '{"model":"a","x":{"model":"a"}}\n', `{${ASKED},"x":{"model":"a"}}\n`],
    ['the first that is a text', '{"model":null,"x":{"model":"a"}}', `{"model":null,"x":{${ASKED}}}`],
    ['escapes', '{"model":"a\\"b\\\\"}', `{${ASKED}}`],
    ['no text', '{"content":"\\"model\\":\\"a\\""}\n', '{"content":"\\"model\\":\\"a\\""}\n'],
    ['no name that is cut', '{"model":"a\n{"model":"b"}', `{"model":"a\n{${ASKED}}`],
    ['nothing', '', ''],
  ])('replaces %s', (_name, wire, expected) => {
    expect(echo(wire)).toBe(expected);
    expect(echo(wire, [1])).toBe(expected);
  });

  it('is the same however the bytes are cut', () => {
    const line = fc.constantFrom(
      '{"model":"a","x":"é—"}',
      '{"model":"b"}',
      ': ping',
      '',
      '{"m":1,"model":"a","model":"b"}',
    );
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (lines, sizes) => {
        const wire = lines.join('\n');
        const expected = lines.map((text) => text.replace(/"model":"\w"/, ASKED)).join('\n');
        expect(echo(wire, sizes)).toBe(expected);
      }),
    );
  });
});
