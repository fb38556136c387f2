export type KeyedProvider = 'anthropic' | 'openrouter' | 'deepseek' | 'openai' | 'gemini';

/** A provider whose key is in the environment. The key itself stays there. */
export interface FoundProvider {
  readonly name: KeyedProvider;
  /** The variable that holds its key. */
  readonly variable: string;
}

/** In the order in which they are asked where a model names none of them. */
export const KEY_VARIABLES: readonly FoundProvider[] = [
  { name: 'anthropic', variable: 'ANTHROPIC_API_KEY' },
  { name: 'openrouter', variable: 'OPENROUTER_API_KEY' },
  { name: 'deepseek', variable: 'DEEPSEEK_API_KEY' },
  { name: 'openai', variable: 'OPENAI_API_KEY' },
  { name: 'gemini', variable: 'GEMINI_API_KEY' },
];

/** Which providers the environment has keys for, best first; none means that the demo provider answers. */
export function describeEnvironment(env: Readonly<Record<string, string | undefined>>): readonly FoundProvider[] {
  return KEY_VARIABLES.filter(({ variable }) => (env[variable] ?? '').trim() !== '');
}
