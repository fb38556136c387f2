import type { JsonValue } from '@signalbox/kit';
import type { Random } from './random.ts';

/**
 * A number that no JavaScript value prints as: it stands in a text until the JSON is made, and then loses its quotes. A
 * parser makes infinity of the first two.
 */
const NUMBERS = ['1e999', '-1e999', '-0', '1e-320', '9007199254740993', '123456789012345678901234567890', '0.1e1'];
const MARK = 'fuzz-number:';
const MARKED = /"fuzz-number:([^"]+)"/g;

/** The JSON text of a value made here. */
export function printJson(value: JsonValue): string {
  return JSON.stringify(value).replace(MARKED, '$1');
}

/** Names that every object seems to have, and words that mean something somewhere. */
export const WORDS = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'],
  ...['', ' ', '\0', '\n', '\r\n', '\u2028', '\uFEFF', '\uFFFD', '\uD800', '\uDC00x', 'e\u0301', '😀', 'İ', 'ﬀ'],
  ...['null', 'true', '0', '12', '-1', '1e9', 'NaN', 'Infinity', 'undefined', '[object Object]', '{', '"', '\\', '[]'],
  ...['{}', '{"a":1}', '[DONE]', 'data: {}', 'error', 'stop', 'text', 'tool_use', 'function', 'object', 'refusal'],
  ...['<think>', '</think>', 'data:', 'data:;base64,', 'data:image/png;base64,!', 'http://', 'file:///etc/passwd'],
  ...['signalbox1.', 'signalbox1.a.', 'signalbox1.anthropic.bnVsbA', 'signalbox1.%.e30', 'signalbox1.openai.e30'],
  // What decoders tell their own encoders.
  ...['$client', '$tool', '$toolItem', '$inside', '$item', '$part', '$refusal', '$redacted', '$citations', '$wire'],
  ...['$harmless', '$advice', '$echo', '$array', '$fileData', '$generate', '$include', '$userField', '$madeId'],
  ...['resp_sbx_x', 'call_', 'toolu_', 'a.b', '../..', '%', '%00', '$&', '$ref', '#/$defs/a', '#', '*', 'x/y/z'],
] as const;

const BIG = 20_000;
const DEEP = 400;

/** A value where none of its kind is expected. */
export function nastyValue(random: Random): JsonValue {
  switch (random.int(13)) {
    case 0:
      return null;
    case 1:
      return random.chance(0.5);
    case 2:
      return random.pick([0, -1, 1.5, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1e21, 1e300, 429, 200, 65_536]);
    case 3:
      return `${MARK}${random.pick(NUMBERS)}`;
    case 4:
      return random.pick([[], {}, [[]], [null], [{}], { type: null }, ['a', 1, null], [[], {}]]);
    case 5:
    case 12:
      return hostile(random);
    case 6:
      return random.chance(0.1) ? nested(random) : [random.pick(WORDS)];
    case 7:
      return random.chance(0.1) ? random.pick(['x', '😀', '\\', '"', ' ', '{', '\0']).repeat(random.int(BIG)) : '';
    case 8:
      return random.chance(0.1) ? Array.from({ length: random.int(500) }, () => random.pick(WORDS)) : {};
    default:
      return random.pick(WORDS);
  }
}

/** Keys that would change what every object has, if they were copied by assignment. */
function hostile(random: Random): JsonValue {
  const value = { polluted: true, type: 'text', text: 'polluted', toString: 1 };
  const proto = JSON.parse(`{"__proto__":${JSON.stringify(value)}}`) as JsonValue;
  // The last ones cannot be printed as text.
  const unprintable = { toString: 1, valueOf: null };
  const made = { constructor: { prototype: value } };
  return random.pick<JsonValue>([proto, made, { prototype: value }, [proto], unprintable, unprintable, [unprintable]]);
}

function nested(random: Random): JsonValue {
  let value: JsonValue = random.pick(WORDS);
  const key = random.chance(0.5) ? undefined : random.pick(['a', 'properties', 'items', 'anyOf', 'content', 'parts']);
  for (let depth = random.int(DEEP); depth > 0; depth--) value = key === undefined ? [value] : { [key]: value };
  return value;
}
