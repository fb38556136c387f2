import { SignalboxError } from '@signalbox/kit';

/** One thing that is wrong with a config, with the place a person should look at. */
export interface ConfigProblem {
  readonly message: string;
  /** `plugins[2][1].apiKey`; empty for the file as a whole. */
  readonly path: string;
  readonly plugin?: string;
  readonly file?: string;
  /** From 1. */
  readonly line?: number;
  readonly column?: number;
}

/** Everything that is wrong with a config, found in one go. */
export class ConfigError extends SignalboxError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[], cause?: unknown) {
    super('BAD_CONFIG', problems.map(describeProblem).join('\n'), cause === undefined ? {} : { cause });
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** `signalbox.jsonc:4:7: plugin provider-deepseek, apiKye: unknown key. Did you mean "apiKey"?` */
export function describeProblem({ file, line, column, plugin, path, message }: ConfigProblem): string {
  const place = file === undefined ? '' : `${file}${line === undefined ? '' : `:${line}:${column ?? 1}`}: `;
  const subject = [plugin === undefined ? '' : `plugin ${plugin}`, path].filter((part) => part !== '').join(', ');
  return `${place}${subject === '' ? '' : `${subject}: `}${message}`;
}
