import { bySpecificity, compilePattern, formatTarget, SignalboxError, type Target } from '@signalbox/kit';
import { type LimitConfig, PRESETS, type RateConfig } from './config.ts';
import type { Limits } from './limiter.ts';

/** One limit of the options, and whom it is for. */
export interface Rule {
  /** Where it stands in the options. */
  readonly place: string;
  readonly limits: Limits;
}

export interface TargetRule extends Rule {
  readonly fits: (target: Target) => boolean;
  /** Targets with the same name are counted together. */
  readonly countedAs: (target: Target) => string;
}

/** The rule of each caller. @throws {SignalboxError} BAD_CONFIG for one that limits nothing. */
export function compileClients(clients: RateConfig['clients']): (principal: string) => Rule | undefined {
  const rules = Object.entries(clients).map(([text, limits]) => {
    const place = placeOf('clients', text);
    return { pattern: compilePattern(text), rule: { place, limits: checked(place, limits) } };
  });
  rules.sort((a, b) => bySpecificity(a.pattern, b.pattern));
  return (principal) => rules.find(({ pattern }) => pattern.fits(principal))?.rule;
}

/** @throws {SignalboxError} BAD_CONFIG for a rule that limits nothing. */
export function compileTargets(targets: RateConfig['targets']): readonly TargetRule[] {
  return Object.entries(targets).map(([text, given]) => {
    const place = placeOf('targets', text);
    const { per = 'key', ...limits }: LimitConfig = typeof given === 'string' ? PRESETS[given] : given;
    const pattern = compilePattern(text);
    return {
      place,
      limits: checked(place, limits),
      fits: (target) => pattern.fits(formatTarget(target)),
      countedAs: COUNTED_AS[per],
    };
  });
}

const COUNTED_AS: Readonly<Record<NonNullable<LimitConfig['per']>, (target: Target) => string>> = {
  provider: ({ provider }) => provider,
  key: ({ provider, key }) => (key === undefined ? provider : `${provider}#${key}`),
  model: ({ provider, key, model }) => (key === undefined ? `${provider}/${model}` : `${provider}#${key}/${model}`),
};

/** Where an entry stands in the options. */
export function placeOf(option: string, text: string): string {
  return `${option}[${JSON.stringify(text)}]`;
}

function checked(place: string, limits: Limits): Limits {
  const { requestsPerMinute, tokensPerMinute, concurrent } = limits;
  if (requestsPerMinute === undefined && tokensPerMinute === undefined && concurrent === undefined) {
    throw new SignalboxError(
      'BAD_CONFIG',
      `${place}: it limits nothing. Give requestsPerMinute, tokensPerMinute or concurrent.`,
    );
  }
  return limits;
}
