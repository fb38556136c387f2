/** What a Gemini model takes, as far as its name tells. */
export interface GeminiTraits {
  /** Whether the name tells anything: what a client of this format wrote for another model is not second-guessed. */
  readonly known: boolean;
  /** How thinking is asked for: by a budget in tokens (2.5), by a level (3 and later), or not at all. */
  readonly thinking: 'none' | 'budget' | 'level';
  /** Least and most tokens of a budget beside 0 (off) and -1 (as the model likes). */
  readonly budget: { readonly min: number; readonly max: number; readonly canBeOff: boolean };
  /** The levels it takes, from the weakest on. */
  readonly levels: readonly string[];
  /** Calls of the tool turn in progress must come back with their thought signature. */
  readonly needsSignatures: boolean;
  /** Media inside tool results, its own tools beside functions, JSON answers beside functions. */
  readonly mixes: boolean;
  readonly systemInstruction: boolean;
  /** `temperature`, `topP` and `topK` mean something. */
  readonly sampling: boolean;
  /** Goes on with an answer that the request has begun. */
  readonly prefill: boolean;
}

const LEVELS = ['LOW', 'MEDIUM', 'HIGH'] as const;
const ALL_LEVELS = ['MINIMAL', ...LEVELS] as const;
const NO_BUDGET = { min: 0, max: 0, canBeOff: true } as const;

const NEWEST: GeminiTraits = {
  known: false,
  thinking: 'level',
  budget: NO_BUDGET,
  levels: LEVELS,
  needsSignatures: true,
  mixes: true,
  systemInstruction: true,
  sampling: true,
  prefill: false,
};

const GEMMA: GeminiTraits = {
  ...NEWEST,
  known: true,
  thinking: 'none',
  needsSignatures: false,
  mixes: false,
  systemInstruction: false,
  prefill: true,
};

// `gemini-2.5-flash-lite`, `gemini-3-pro-preview`, `models/gemini-4.1-argon`; `gemini-flash-latest` has no version.
const NAME = /(?:^|\/)gemini-(\d+)(?:\.(\d+))?/;

/** Traits by name. A name without a version is taken for a new model; state of November 2026. */
export function geminiTraits(model: string): GeminiTraits {
  const match = NAME.exec(model);
  if (match === null) return /(?:^|\/)gemma-[1-3]/.test(model) ? GEMMA : NEWEST;
  const major = Number(match[1]);
  const minor = Number(match[2] ?? 0);
  const lite = model.includes('flash-lite');
  const flash = model.includes('flash');
  if (major >= 4) return { ...NEWEST, known: true, sampling: false };
  if (major === 3) {
    return { ...NEWEST, known: true, levels: levelsOf3(minor, flash, lite), prefill: true };
  }
  const thinks = major === 2 && minor >= 5;
  return {
    ...NEWEST,
    known: true,
    thinking: thinks ? 'budget' : 'none',
    budget: thinks ? budgetOf25(flash, lite) : NO_BUDGET,
    needsSignatures: false,
    mixes: false,
    prefill: true,
  };
}

function levelsOf3(minor: number, flash: boolean, lite: boolean): readonly string[] {
  if (lite) return ALL_LEVELS;
  if (flash) return minor >= 7 ? LEVELS : ALL_LEVELS;
  return minor === 0 ? ['LOW', 'HIGH'] : LEVELS;
}

function budgetOf25(flash: boolean, lite: boolean): GeminiTraits['budget'] {
  if (lite) return { min: 512, max: 24_576, canBeOff: true };
  return flash ? { min: 0, max: 24_576, canBeOff: true } : { min: 128, max: 32_768, canBeOff: false };
}
