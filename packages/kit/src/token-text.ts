import * as classes from './token-classes.ts';
import * as weights from './token-weights.ts';

// What a module declares itself is read faster than what it imports, and this is read for every character.
const { Lower, Upper, Accented, Digit, Space, Newline, Mark, Half, End, FirstScript, END_UNIT } = classes;
const { classOf, perRun, perLetter } = classes;
const { AfterSpace, Glued, AfterMark, LONGEST_WORD, ROW, english, foreign, capitals, marks, scriptLead } = weights;

const LONGEST_MARKS = marks.length - 1;
/** Texts are looked at in parts of this many characters. */
const PART = 8_192;
/** Of a longer text only this many parts are looked at, evenly spread. */
const SAMPLED_PARTS = 8;
/** Up to here a loop is faster than the call that copies. */
const SHORT = 40;

const units = new Uint16Array(PART + 1);
const bytes = Buffer.from(units.buffer);

/**
 * About how many tokens a text has: one pass over its characters, without a vocabulary. It cuts the text as tokenizers
 * do before they look anything up, and takes for each piece what such pieces cost on average. Whatever a tokenizer
 * treats specially (`<|endoftext|>`) is text like any other. Of a text beyond 64 K characters only parts are read.
 * @returns a fraction: round the sum, not the parts.
 */
export function tokensOfText(text: string): number {
  const { length } = text;
  if (length <= PART) return scanPart(text);
  const parts = Math.ceil(length / PART);
  const looked = Math.min(parts, SAMPLED_PARTS);
  let tokens = 0;
  let chars = 0;
  for (let part = 0; part < looked; part++) {
    const start = PART * Math.floor((part * parts) / looked);
    const piece = text.slice(start, start + PART);
    tokens += scanPart(piece);
    chars += piece.length;
  }
  return tokens * (length / chars);
}

function scanPart(text: string): number {
  const { length } = text;
  if (length < SHORT) for (let index = 0; index < length; index++) units[index] = text.charCodeAt(index);
  else bytes.write(text, 0, 'utf16le');
  units[length] = END_UNIT;
  return scan(length);
}

const classAt = (index: number): number => classOf[units[index] as number] as number;

/** Counts `units` up to `length`, where `END_UNIT` stands. This loop is the hot path: its order is that of frequency. */
function scan(length: number): number {
  let tokens = 0;
  let asEnglish = 0;
  let asForeign = 0;
  let words = 0;
  let accentedWords = 0;
  let lead = AfterSpace;
  let runStart = 0;
  let runEnd = -1;
  let pieces = 0;
  let at = 0;
  let kind = classAt(0);
  while (at < length) {
    const start = at;
    if (kind <= Digit) {
      if (start === runEnd) {
        pieces++;
      } else {
        if (pieces >= weights.OPAQUE_PIECES) tokens += opaqueSurplus(runEnd - runStart, pieces);
        runStart = start;
        pieces = 1;
      }
      if (kind === Digit) {
        do kind = classAt(++at);
        while (kind === Digit);
        tokens += ((at - start + 2) / 3) | 0;
      } else {
        while (kind === Upper) kind = classAt(++at);
        const upper = at - start;
        while (kind === Lower) kind = classAt(++at);
        words++;
        if (kind === Accented) {
          let accents = 0;
          do {
            if (kind === Accented) accents++;
            kind = classAt(++at);
          } while (kind === Lower || kind === Accented);
          accentedWords++;
          tokens += accentedWord(at - start, accents);
        } else {
          let letters = at - start;
          if (letters > LONGEST_WORD) {
            tokens += (letters - LONGEST_WORD) * weights.PER_LETTER_BEYOND;
            letters = LONGEST_WORD;
          }
          const cell = lead * ROW + letters;
          if (upper === 0 || (upper === 1 && letters > 1)) {
            asEnglish += english[cell] as number;
            asForeign += foreign[cell] as number;
          } else if (upper === at - start) {
            tokens += capitals[cell] as number;
          } else {
            tokens += weights.MIXED_BASE + letters * weights.MIXED_PER_LETTER;
          }
        }
      }
      runEnd = at;
      lead = Glued;
    } else if (kind === Space || kind === Newline) {
      const next = classAt(at + 1);
      if (kind === Space && next < Digit) {
        at++;
        kind = next;
        lead = AfterSpace;
        continue;
      }
      let blanks = 0;
      let newline = false;
      do {
        if (kind === Newline) {
          newline = true;
          blanks = 0;
        } else {
          blanks++;
        }
        kind = classAt(++at);
      } while (kind === Space || kind === Newline);
      // The last blank belongs to the word behind it; digits take none.
      if (newline) tokens++;
      if (blanks > 1) tokens++;
      if (blanks > 0 && (kind === Digit || (blanks === 1 && kind === End))) tokens++;
      lead = blanks > 0 ? AfterSpace : Glued;
    } else if (kind === Mark) {
      let previous = units[at] as number;
      let unit = units[++at] as number;
      kind = classOf[unit] as number;
      // One mark belongs to the word behind it, unless it has a space of its own.
      if (kind !== Mark && (kind < Digit || kind >= FirstScript) && lead !== AfterSpace) {
        lead = AfterMark;
        continue;
      }
      let changes = 1;
      while (kind === Mark) {
        if (unit !== previous) {
          changes++;
          previous = unit;
        }
        unit = units[++at] as number;
        kind = classOf[unit] as number;
      }
      tokens += (at - start - changes) / weights.MARKS_PER_TOKEN;
      if (changes > LONGEST_MARKS) {
        tokens += (changes - LONGEST_MARKS) * weights.PER_MARK_BEYOND;
        changes = LONGEST_MARKS;
      }
      tokens += marks[changes] as number;
      while (kind === Newline) kind = classAt(++at);
      lead = Glued;
    } else if (kind >= FirstScript) {
      let cost = perRun[kind] as number;
      do {
        cost += perLetter[kind] as number;
        kind = classAt(++at);
      } while (kind >= FirstScript || kind === Accented);
      tokens += Math.max(1, cost) + (scriptLead[lead] as number);
      lead = Glued;
    } else if (kind === Half) {
      do kind = classAt(++at);
      while (kind === Half);
      tokens += ((at - start) / 2) * weights.PER_SURROGATE_PAIR;
      lead = Glued;
    } else {
      // U+FFFF inside a text.
      kind = classAt(++at);
      tokens++;
      lead = Glued;
    }
  }
  if (pieces >= weights.OPAQUE_PIECES) tokens += opaqueSurplus(runEnd - runStart, pieces);
  const share = Math.min(1, (accentedWords * weights.FOREIGN_WORDS_PER_ACCENTED) / Math.max(1, words));
  return tokens + asEnglish * (1 - share) + asForeign * share;
}

function accentedWord(letters: number, accents: number): number {
  const { ACCENTED_BASE, ACCENTED_PER_LETTER, ACCENTED_PER_ACCENT } = weights;
  return Math.max(1, ACCENTED_BASE + letters * ACCENTED_PER_LETTER + accents * ACCENTED_PER_ACCENT);
}

/** What a run of letters and digits costs beyond its pieces, where it is no text. */
function opaqueSurplus(chars: number, pieces: number): number {
  if (chars >= pieces * weights.OPAQUE_CHARS_PER_PIECE) return 0;
  return chars * weights.OPAQUE_PER_CHAR - pieces * weights.OPAQUE_PIECE_COST;
}
