/** What a tokenizer's first cut sees in a UTF-16 code unit. Letters of scripts without case are `FirstScript` and up. */
export const Lower = 0;
export const Upper = 1;
/** Latin letters beyond ASCII, and combining marks. */
export const Accented = 2;
export const Digit = 3;
export const Space = 4;
export const Newline = 5;
/** Punctuation and symbols. */
export const Mark = 6;
/** Half of a surrogate pair: emoji and rare scripts. */
export const Half = 7;
/** U+FFFF, which is no character: it stands behind the last one. */
export const End = 8;
export const FirstScript = 9;

export const END_UNIT = 0xffff;

/** A script by its code units: what a run of its letters costs in tokens, and what each letter adds. */
type Script = readonly [first: number, last: number, perRun: number, perLetter: number];

/** Fitted to o200k_base over the message catalogues of these languages. Scripts that are not here are nearly bytes. */
const SCRIPTS: readonly Script[] = [
  [0x0370, 0x03ff, 0.5, 0.32], // Greek
  [0x0400, 0x052f, 0.6, 0.23], // Cyrillic
  [0x0530, 0x058f, 0.6, 0.27], // Armenian
  [0x0590, 0x05ff, 0.35, 0.41], // Hebrew
  [0x0600, 0x077f, 0.45, 0.29], // Arabic
  [0x08a0, 0x08ff, 0.45, 0.29], // Arabic, extended
  [0x0900, 0x097f, 0.4, 0.31], // Devanagari
  [0x0980, 0x09ff, 0.45, 0.33], // Bengali
  [0x0a00, 0x0a7f, 0.1, 0.64], // Gurmukhi
  [0x0a80, 0x0aff, 0.4, 0.37], // Gujarati
  [0x0b00, 0x0b7f, 0.5, 0.6], // Odia
  [0x0b80, 0x0bff, 0.9, 0.25], // Tamil
  [0x0c00, 0x0c7f, 0.9, 0.36], // Telugu
  [0x0c80, 0x0cff, 0.85, 0.32], // Kannada
  [0x0d00, 0x0d7f, 0.9, 0.27], // Malayalam
  [0x0e00, 0x0e7f, 0.6, 0.41], // Thai
  [0x1000, 0x109f, 0.6, 0.55], // Burmese
  [0x10a0, 0x10ff, 0.6, 0.29], // Georgian
  [0x1780, 0x17ff, 0.6, 0.45], // Khmer
  [0x3040, 0x30ff, 0.4, 0.7], // Hiragana, Katakana
  [0x3400, 0x4dbf, 0.5, 1.4], // Han, rare
  [0x4e00, 0x9fff, 0.45, 0.79], // Han
  [0xac00, 0xd7af, 0.5, 0.61], // Hangul
  [0xff66, 0xff9f, 0.5, 1], // Katakana, half width
];

/** Letters that are in no list above. */
const OTHER_LETTERS: readonly (readonly [first: number, last: number])[] = [
  [0x0250, 0x02af],
  [0x0780, 0x089f],
  [0x0d80, 0x0dff],
  [0x0e80, 0x0fff],
  [0x1100, 0x177f],
  [0x1800, 0x1dff],
  [0xa000, 0xabff],
];

/** The class of every UTF-16 code unit. */
export const classOf = new Uint8Array(65_536).fill(Mark);
/** By class: tokens for a run of letters of a script, and for each of its letters. */
export const perRun = new Float64Array(64);
export const perLetter = new Float64Array(64);

function mark(first: number, last: number, kind: number): void {
  classOf.fill(kind, first, last + 1);
}

mark(0x61, 0x7a, Lower);
mark(0x41, 0x5a, Upper);
mark(0x30, 0x39, Digit);
mark(0xc0, 0x24f, Accented);
mark(0x300, 0x36f, Accented);
mark(0x1e00, 0x1eff, Accented);
for (const space of [0x09, 0x0b, 0x0c, 0x20, 0xa0, 0x3000]) mark(space, space, Space);
mark(0x2000, 0x200a, Space);
for (const newline of [0x0a, 0x0d]) mark(newline, newline, Newline);
for (const sign of [0xd7, 0xf7]) mark(sign, sign, Mark);
mark(0xd800, 0xdfff, Half);
mark(END_UNIT, END_UNIT, End);
perRun[FirstScript] = 0.6;
perLetter[FirstScript] = 1;
for (const [first, last] of OTHER_LETTERS) mark(first, last, FirstScript);
SCRIPTS.forEach(([first, last, run, letter], index) => {
  const kind = FirstScript + 1 + index;
  mark(first, last, kind);
  perRun[kind] = run;
  perLetter[kind] = letter;
});
