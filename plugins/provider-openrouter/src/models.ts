import {
  asObject,
  decodeModelList,
  type JsonObject,
  type JsonValue,
  type ModelCapabilities,
  type ModelInfo,
  type ModelPrices,
  type TokenPrices,
  tokenLimit,
} from '@signalbox/kit';

type Tier = NonNullable<ModelPrices['tiers']>[number];

/** OpenRouter's list: limits, abilities, and prices, which it gives as text in USD per token. @throws {SignalboxError} */
export function decodeModels(answer: JsonObject): readonly ModelInfo[] {
  return decodeModelList(answer, (entry) => {
    const prices = decodePrices(asObject(entry.pricing));
    return {
      ...(typeof entry.name === 'string' && entry.name !== '' ? { displayName: entry.name } : {}),
      ...tokenLimit('contextTokens', entry.context_length),
      ...tokenLimit('maxOutputTokens', asObject(entry.top_provider).max_completion_tokens),
      ...(prices === undefined ? {} : { prices }),
      capabilities: decodeCapabilities(entry),
    };
  });
}

/** `undefined` where they depend on what a router chooses (`-1`). */
function decodePrices(pricing: JsonObject): ModelPrices | undefined {
  const prices = tokenPrices(pricing);
  if (prices.input === undefined || prices.output === undefined) return undefined;
  const tiers = Array.isArray(pricing.overrides)
    ? pricing.overrides.flatMap((entry) => decodeTier(asObject(entry), pricing)).sort(byLength)
    : [];
  return tiers.length === 0 ? prices : { ...prices, tiers };
}

/** Of the overrides only those by the length of the prompt: a price list has no hours. */
function decodeTier(entry: JsonObject, pricing: JsonObject): readonly Tier[] {
  const { min_prompt_tokens: from, ...changed } = entry;
  if (typeof from !== 'number' || !Number.isSafeInteger(from) || from < 2) return [];
  if (Object.keys(changed).some((key) => !(key in pricing) && !key.startsWith('input_cache_'))) return [];
  return [{ abovePromptTokens: from - 1, ...tokenPrices({ ...pricing, ...changed }) }];
}

const byLength = (a: Tier, b: Tier) => a.abovePromptTokens - b.abovePromptTokens;

function tokenPrices({ prompt, completion, input_cache_read, input_cache_write }: JsonObject): TokenPrices {
  const input = usdPerMillion(prompt);
  const output = usdPerMillion(completion);
  // A cache price that is not listed is the prompt's.
  const cacheRead = input_cache_read === undefined ? input : usdPerMillion(input_cache_read);
  const cacheWrite = input_cache_write === undefined ? input : usdPerMillion(input_cache_write);
  return {
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { output }),
    ...(cacheRead === undefined ? {} : { cacheRead }),
    // Below the prompt's price it is a charge on top (Gemini's storage), not a price in its place.
    ...(cacheWrite === undefined || input === undefined || cacheWrite < input ? {} : { cacheWrite }),
  };
}

function usdPerMillion(value: JsonValue | undefined): number | undefined {
  const usdPerToken = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
  // Twelve digits: 0.0000003 × 1e6 is to be 0.3.
  return usdPerToken >= 0 ? Number((usdPerToken * 1e6).toPrecision(12)) : undefined;
}

function decodeCapabilities({ architecture, supported_parameters: parameters }: JsonObject): ModelCapabilities {
  const { input_modalities: input } = asObject(architecture);
  return {
    ...(Array.isArray(input) ? { images: input.includes('image'), documents: input.includes('file') } : {}),
    ...(Array.isArray(parameters)
      ? {
          tools: parameters.includes('tools'),
          reasoning: parameters.includes('reasoning'),
          structuredOutput: parameters.includes('structured_outputs'),
        }
      : {}),
  };
}
