/**
 * What pieces of text cost in tokens: means over the pieces that o200k_base's first cut makes of source code, agent
 * conversations, JSON, terminal output and prose. Index: length in characters. `docs/token-estimates.md` has the errors.
 */

/** Words longer than the tables: each further letter. */
export const PER_LETTER_BEYOND = 0.3;

/** How a word begins: with a space (or a text), directly behind something else, or with one punctuation mark of its own. */
export const AfterSpace = 0;
export const Glued = 1;
export const AfterMark = 2;

/** Words are told apart by their length up to this one. */
export const LONGEST_WORD = 24;
/** A table has one row of this length for each way to begin. */
export const ROW = LONGEST_WORD + 1;

const table = (...rows: readonly (readonly number[])[]): Float64Array =>
  Float64Array.from(rows.flatMap((row) => [0, ...row]));

/** Words of English and of code, by how they begin. */
export const english = table(
  [
    1, 1, 1.01, 1.01, 1.02, 1.04, 1.05, 1.1, 1.17, 1.2, 1.24, 1.28, 1.36, 1.45, 1.6, 1.9, 2.4, 2.7, 3, 3.2, 3.5, 3.8, 4,
    4.2,
  ],
  [
    1, 1, 1.03, 1.02, 1.06, 1.07, 1.1, 1.16, 1.4, 1.6, 1.8, 2.2, 2.5, 2.7, 2.9, 3.1, 3.4, 3.6, 3.9, 4.2, 4.4, 4.6, 4.9,
    5.1,
  ],
  [
    1.01, 1.15, 1.18, 1.12, 1.27, 1.3, 1.45, 1.57, 1.95, 2.05, 2.15, 2.3, 2.6, 2.7, 2.9, 3.2, 3.5, 3.7, 4, 4.3, 4.5,
    4.8, 5, 5.3,
  ],
);

/** Words without accents in languages that have some. */
export const foreign = table(
  [
    1, 1, 1.02, 1.08, 1.25, 1.44, 1.66, 1.9, 2.1, 2.3, 2.5, 2.8, 3.05, 3.35, 3.7, 4.1, 4.3, 4.7, 5, 5.3, 5.6, 5.9, 6.2,
    6.6,
  ],
  [
    1, 1, 1.08, 1.28, 1.5, 1.75, 2.05, 2.35, 2.55, 2.75, 3, 3.4, 3.6, 3.9, 4.2, 4.4, 4.7, 4.9, 5.2, 5.4, 5.7, 6, 6.3,
    6.7,
  ],
  [
    1, 1.1, 1.2, 1.4, 1.6, 1.85, 2.15, 2.45, 2.65, 2.85, 3.1, 3.5, 3.7, 4, 4.3, 4.5, 4.8, 5, 5.3, 5.5, 5.8, 6.1, 6.4,
    6.8,
  ],
);
/** A text counts as wholly foreign once one word in this many has an accent. */
export const FOREIGN_WORDS_PER_ACCENTED = 10;

/** Words in capitals. */
export const capitals = table(
  [
    1, 1.01, 1.18, 1.25, 1.45, 1.75, 1.9, 2.25, 2.4, 2.5, 2.65, 2.9, 3.3, 3.5, 3.8, 4, 4.3, 4.5, 4.8, 5, 5.3, 5.5, 5.8,
    6,
  ],
  [
    1, 1.05, 1.28, 1.4, 1.68, 1.95, 2, 2.3, 2.5, 2.7, 2.9, 3.3, 3.5, 3.8, 4.1, 4.4, 4.6, 4.9, 5.2, 5.4, 5.7, 6, 6.2,
    6.5,
  ],
  [
    1.1, 1.2, 1.4, 1.4, 1.65, 1.6, 1.9, 2.1, 2.4, 2.6, 2.7, 3.2, 3.4, 3.6, 3.9, 4.1, 4.4, 4.6, 4.9, 5.2, 5.4, 5.7, 6,
    6.2,
  ],
);

/** A word that begins with several capitals (`JSONValue`): at the start, and per letter. */
export const MIXED_BASE = 1.6;
export const MIXED_PER_LETTER = 0.15;

/** A word with accents: at the start, per letter, per accent. */
export const ACCENTED_BASE = 0.25;
export const ACCENTED_PER_LETTER = 0.23;
export const ACCENTED_PER_ACCENT = 0.3;

/** Behind something else than a space, a word of another script is cut differently. */
export const scriptLead = Float64Array.from([0, 0.25, 0.6]);

/** Runs of punctuation, by how often the character changes: `===` is cheap, `"}],` is not. */
export const marks = Float64Array.from([0, 1, 1, 1.1, 1.42, 2, 2.4, 2.8, 3.3, 3.9]);
export const PER_MARK_BEYOND = 0.5;
/** Repetitions of one mark are one token up to this many. */
export const MARKS_PER_TOKEN = 18;

export const PER_SURROGATE_PAIR = 1.5;

/**
 * Letters and digits without an order (base64, hashes, ids) are cut into many short pieces: from this many on, of less
 * than this many characters each, they are counted by their characters.
 */
export const OPAQUE_PIECES = 4;
export const OPAQUE_CHARS_PER_PIECE = 4;
/** What such a run costs per character beyond what its pieces have cost on their own, which is this much each. */
export const OPAQUE_PER_CHAR = 0.69;
export const OPAQUE_PIECE_COST = 1.25;
