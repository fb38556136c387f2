import type { KeyedProvider } from './environment.ts';
import { MODELS } from './models.ts';

/** Options of `route-scenarios`. */
export interface Routes {
  readonly default: string;
  readonly background: string;
  readonly models: Record<string, string>;
}

/**
 * Where each model goes with these providers, best first: a model to its own vendor, else to OpenRouter under its name
 * there, small jobs and the rest to the first provider's own models. Without any of them the first of a local Ollama's models answers.
 */
export function routesFor(providers: readonly KeyedProvider[], localModels: readonly string[] = []): Routes {
  const first = providers[0] ?? 'demo';
  const models: Record<string, string> = {};
  const has = (name: KeyedProvider) => providers.includes(name);

  if (has('anthropic')) {
    models['claude-*'] = 'anthropic/claude-*';
    // Who asks for a small model by its name gets that one, not the small model for jobs without a model of their own.
    models['claude-*haiku*'] = 'anthropic/claude-*haiku*';
  } else if (has('openrouter')) {
    for (const family of ['opus', 'sonnet']) {
      models[`claude-${family}-*`] = `openrouter/~anthropic/claude-${family}-latest`;
    }
  }
  const openai = has('openai') ? 'openai/' : has('openrouter') ? 'openrouter/openai/' : undefined;
  if (openai !== undefined) for (const start of ['gpt-', 'o1', 'o3', 'o4']) models[`${start}*`] = `${openai}${start}*`;
  if (has('deepseek')) models['deepseek-*'] = 'deepseek/deepseek-*';
  else if (has('openrouter')) models['deepseek-*'] = 'openrouter/deepseek/deepseek-*';
  if (has('gemini')) models['gemini-*'] = 'gemini/gemini-*';
  else if (has('openrouter')) models['gemini-*'] = 'openrouter/google/gemini-*';
  if (has('openrouter')) {
    models['*/*'] = 'openrouter/*/*';
    models['*/*haiku*'] = 'openrouter/*/*haiku*';
  }
  const [local] = localModels;
  if (providers.length === 0 && local !== undefined) {
    return { default: `ollama/${local}`, background: `ollama/${local}`, models };
  }
  return { default: `${first}/${MODELS[first].main}`, background: `${first}/${MODELS[first].small}`, models };
}
