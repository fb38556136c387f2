import { createGeneration } from '@signalbox/core';
import { compilePattern, type ModelCapabilities, type ModelInfo } from '@signalbox/kit';
import type { CommandLine } from '../arguments.ts';
import { readConfig } from '../config-source.ts';
import { ExitError, UsageError } from '../failure.ts';
import { pluginsOfThisInstallation } from '../import-plugin.ts';
import { ABILITIES, modelTable } from '../model-table.ts';

const CATALOGUE = 'model-catalogue';

/** Shows the models that a config can reach, with what is known about them. */
export async function run({ common, models: options, rest }: CommandLine, env: NodeJS.ProcessEnv): Promise<number> {
  const fits = filterOf(options, rest[0]);
  const config = await readConfig(common, options.refresh === true ? { ...env, SIGNALBOX_REFRESH_MODELS: '1' } : env);
  const generation = await createGeneration(config, { importPlugin: pluginsOfThisInstallation() });
  try {
    const hasCatalogue = generation.plugins.some(({ name }) => name === CATALOGUE);
    if (options.refresh === true && !hasCatalogue) {
      throw new ExitError(`--refresh needs the plugin "@signalbox/${CATALOGUE}", which the config does not have`, 1);
    }
    const all = generation.models();
    const models = all.filter(fits);
    process.stdout.write(options.json === true ? `${JSON.stringify(models, undefined, 2)}\n` : text(models, all));
    if (!hasCatalogue && options.json !== true) {
      process.stdout.write(`\nLimits and prices come with the plugin "@signalbox/${CATALOGUE}".\n`);
    }
  } finally {
    await generation.close();
  }
  return 0;
}

function text(models: readonly ModelInfo[], all: readonly ModelInfo[]): string {
  if (models.length > 0) return modelTable(models);
  return all.length === 0
    ? 'No models are known: name some in the "models" of a provider. Other ids work all the same.\n'
    : `None of the ${all.length} models fits.\n`;
}

/** @throws {UsageError} for values that no model could fit. */
function filterOf(options: CommandLine['models'], wanted: string | undefined): (info: ModelInfo) => boolean {
  const { provider, capability } = options;
  const ability = capability === undefined ? undefined : abilityOf(capability);
  const maxPrice = options['max-price'] === undefined ? undefined : priceOf(options['max-price']);
  const named = wanted === undefined ? undefined : nameFilter(wanted);
  return (info) =>
    (provider === undefined || info.id.startsWith(`${provider}/`)) &&
    (ability === undefined || info.capabilities?.[ability] === true) &&
    (maxPrice === undefined || Math.max(info.prices?.input ?? Infinity, info.prices?.output ?? Infinity) <= maxPrice) &&
    (named === undefined || named(info));
}

function nameFilter(wanted: string): (info: ModelInfo) => boolean {
  const lower = wanted.toLowerCase();
  const pattern = lower.includes('*') ? compilePattern(lower) : undefined;
  return ({ id, displayName = '' }) =>
    // A pattern is meant for the model as well as for the provider with it.
    [id, id.slice(id.indexOf('/') + 1), displayName].some(
      (name) => pattern?.fits(name.toLowerCase()) ?? name.toLowerCase().includes(lower),
    );
}

function abilityOf(name: string): keyof ModelCapabilities {
  const ability = Object.hasOwn(ABILITIES, name) ? ABILITIES[name] : undefined;
  if (ability !== undefined) return ability;
  throw new UsageError(`--capability must be one of ${Object.keys(ABILITIES).join(', ')}, not "${name}"`);
}

function priceOf(text: string): number {
  const price = Number(text);
  if (text.trim() === '' || !(price >= 0)) throw new UsageError(`--max-price must be a price in USD, not "${text}"`);
  return price;
}
