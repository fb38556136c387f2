import { describe, it } from '@jest/globals';
import { type Format, type Plugin, pluginDefinition } from '@signalbox/kit';
import {
  type FormatOptions,
  formatLaws,
  type Law,
  type ProviderLawOptions,
  providerLaws,
  type StrategyOptions,
  strategyLaws,
  type TransformOptions,
  transformLaws,
} from './laws/index.ts';

/** A jest suite of everything that a wire format owes; see `formatLaws`. */
export function describeFormat(format: Format, options: FormatOptions = {}): void {
  describeLaws(`format ${format.id}`, formatLaws(format, options));
}

/** A jest suite of everything that a provider over HTTP owes; see `providerLaws`. */
export function describeProvider(plugin: Plugin, options: ProviderLawOptions): void {
  describeLaws(nameOf(plugin), providerLaws(plugin, options));
}

/** A jest suite of a routing strategy and its cases; see `strategyLaws`. */
export function describeStrategy(plugin: Plugin, options: StrategyOptions): void {
  describeLaws(nameOf(plugin), strategyLaws(plugin, options));
}

/** A jest suite of a transform and its cases; see `transformLaws`. */
export function describeTransform(plugin: Plugin, options: TransformOptions): void {
  describeLaws(nameOf(plugin), transformLaws(plugin, options));
}

/** One jest test for each law. */
export function describeLaws(name: string, laws: readonly Law[]): void {
  describe(name, () => {
    for (const law of laws) it(law.name, () => law.check(), 60_000);
  });
}

function nameOf(plugin: Plugin): string {
  return pluginDefinition(plugin)?.name ?? 'not a plugin';
}
