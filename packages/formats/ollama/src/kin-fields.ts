import { type Extensions, entryOf, type JsonObject } from '@signalbox/kit';

/** By format, its own fields that are options here, too, and what they are called. */
const KIN: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'openai-chat': {
    seed: 'seed',
    presence_penalty: 'presence_penalty',
    frequency_penalty: 'frequency_penalty',
    min_p: 'min_p',
  },
  gemini: {
    'generationConfig.seed': 'seed',
    'generationConfig.presencePenalty': 'presence_penalty',
    'generationConfig.frequencyPenalty': 'frequency_penalty',
  },
};

/** What a client of another format says in fields of its own that are options here. */
export function kinOptions(extensions: Extensions | undefined): {
  readonly options: JsonObject;
  /** By format, the names of what is said so. */
  readonly told: Readonly<Record<string, readonly string[]>>;
} {
  const options: JsonObject = {};
  const told: Record<string, string[]> = {};
  for (const format in extensions) {
    const names = entryOf(KIN, format);
    if (names === undefined) continue;
    for (const path in names) {
      const value = extensions[format]?.[path];
      const name = names[path];
      if (value === undefined || name === undefined) continue;
      options[name] = value;
      told[format] = [...(told[format] ?? []), path];
    }
  }
  return { options, told };
}
