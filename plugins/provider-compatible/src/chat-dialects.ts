import { compatibleDialect, type DialectOptions } from '@signalbox/format-openai-chat';
import { compilePattern } from '@signalbox/kit';
import { chatDialect, mergeDialects } from './chat-dialect.ts';
import type { Settings } from './settings.ts';

/** The dialect of a server: what its profile says of it, then of the model, then what the user says. */
export function chatDialects({ options, profile }: Pick<Settings, 'options' | 'profile'>): DialectOptions {
  if (profile === undefined) return chatDialect(options.dialect);
  const base = profile.like === 'openai' ? {} : compatibleDialect;
  const rules = profile.models.map(({ names, dialect }) => ({ patterns: names.map(compilePattern), dialect }));
  const baseModels = new Map(Object.entries(options.baseModels ?? {}));
  return (model) => {
    const name = baseModels.get(model) ?? model;
    const fitting = rules.filter(({ patterns }) => patterns.some((pattern) => pattern.fits(name)));
    const layers = [profile.dialect, ...fitting.map(({ dialect }) => dialect), options.dialect];
    return chatDialect(mergeDialects(layers), base);
  };
}
