import { StringMarks } from './string-marks.ts';

/** What a raw JSON body says at its top level, read without parsing it. */
export interface BodyScan {
  readonly model: string | undefined;
  /** `undefined`: the body does not say. */
  readonly stream: boolean | undefined;
  /** Byte range of the value of `model`, quotes included. */
  readonly modelStart: number;
  readonly modelEnd: number;
  /** Deepest nesting of arrays and objects. */
  readonly depth: number;
  /** Some string begins with `signalbox`, as what the gateway packs for itself does. */
  readonly marked: boolean;
  /** Some string, value or key, is empty. */
  readonly emptyString: boolean;
  /** A key stands twice at the top level, or the text is not one object: trust only a parser. */
  readonly ambiguous: boolean;
  /** `undefined` where it is ambiguous. */
  readonly marks: StringMarks | undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const COLON = 0x3a;
const COMMA = 0x2c;
const MARK_TEXT = 'signalbox';
const MARK = Buffer.from(MARK_TEXT);

/**
 * Finds the top-level `model` and `stream` of a JSON object and its nesting depth in one pass over the bytes. Strings,
 * which are nearly all of an agent's request, are skipped with the engine's own byte search. Not a validator.
 */
export function scanBody(body: Buffer, modelField = 'model'): BodyScan {
  let model: string | undefined;
  let modelStart = -1;
  let modelEnd = -1;
  let stream: boolean | undefined;
  let modelSeen = false;
  let depth = 0;
  let deepest = 0;
  let ambiguous = false;
  let marked = false;
  let emptyString = false;
  const marks = new StringMarks();
  let key = '';
  let awaitingKey = false;
  let position = 0;
  const { length } = body;

  while (position < length) {
    const byte = body[position];
    if (byte === QUOTE) {
      const end = stringEnd(body, position + 1);
      if (end === -1) {
        const seen = { model, stream, modelStart, modelEnd, depth: deepest, marked, emptyString };
        return { ...seen, ambiguous: true, marks: undefined };
      }
      marks.add(body, position + 1, end);
      if (end === position + 1) emptyString = true;
      if (body[position + 1] === MARK[0] && beginsWithMark(body, position + 1, end)) marked = true;
      if (depth === 1) {
        if (awaitingKey) {
          key = end - position <= 40 ? body.toString('latin1', position + 1, end) : '';
          // An escaped key may be any key.
          if (key.includes('\\')) ambiguous = true;
          if (key === modelField) {
            if (modelSeen) ambiguous = true;
            modelSeen = true;
          } else if (key === 'stream') {
            if (stream !== undefined) ambiguous = true;
            stream = false;
          }
          awaitingKey = false;
        } else if (key === modelField) {
          modelStart = position;
          modelEnd = end + 1;
          model = readString(body, position, end + 1);
          key = '';
        }
      }
      position = end + 1;
      continue;
    }
    if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth++;
      if (depth > deepest) deepest = depth;
      if (depth === 1) {
        if (byte === OPEN_BRACKET) ambiguous = true;
        awaitingKey = true;
      }
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth--;
    } else if (depth === 1) {
      if (byte === COMMA) awaitingKey = true;
      else if (byte === COLON) {
        awaitingKey = false;
        marks.addKey(key, position + 1);
      } else if (byte === 0x74 && key === 'stream') stream = true; // `t` of true
    }
    position++;
  }
  if (depth !== 0) ambiguous = true;
  const seen = { model, stream, modelStart, modelEnd, depth: deepest, marked, emptyString };
  return { ...seen, ambiguous, marks: ambiguous ? undefined : marks };
}

/** The body with another model, copied once; everything else keeps its bytes. */
export function replaceModel(body: Buffer, { modelStart, modelEnd }: BodyScan, model: string): Buffer {
  return Buffer.concat([body.subarray(0, modelStart), Buffer.from(JSON.stringify(model)), body.subarray(modelEnd)]);
}

function beginsWithMark(body: Buffer, start: number, end: number): boolean {
  if (end - start < MARK.length) return false;
  for (let at = 1; at < MARK.length; at++) if (body[start + at] !== MARK[at]) return false;
  return true;
}

/** Keys and short values are walked over; what is longer is left to the engine, whose call costs more than it saves there. */
const WALKED_BYTES = 48;

function stringEnd(body: Buffer, from: number): number {
  const walked = Math.min(body.length, from + WALKED_BYTES);
  for (let at = from; at < walked; at++) {
    const byte = body[at];
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at++;
  }
  let end = body.indexOf(QUOTE, walked);
  while (end !== -1) {
    let backslashes = 0;
    while (body[end - 1 - backslashes] === BACKSLASH && end - 1 - backslashes >= from) backslashes++;
    if (backslashes % 2 === 0) return end;
    end = body.indexOf(QUOTE, end + 1);
  }
  return -1;
}

function readString(body: Buffer, start: number, end: number): string | undefined {
  try {
    return JSON.parse(body.toString('utf8', start, end)) as string;
  } catch {
    return undefined;
  }
}
