import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { UsageError } from './failure.ts';

/** Options that every command takes, before or after its name. */
const commonOptions = {
  config: { type: 'string', short: 'c' },
  port: { type: 'string', short: 'p' },
  host: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/** Options of single commands. */
const ownOptions = {
  force: { type: 'boolean', short: 'f' },
  shell: { type: 'string' },
  workers: { type: 'string' },
  'no-watch': { type: 'boolean' },
  provider: { type: 'string' },
  capability: { type: 'string' },
  'max-price': { type: 'string' },
  json: { type: 'boolean' },
  refresh: { type: 'boolean' },
  path: { type: 'string' },
  model: { type: 'string' },
} as const;

const MAX_WORKERS = 256;

export interface CommonOptions {
  readonly config: string | undefined;
  readonly port: number | undefined;
  readonly host: string | undefined;
}

export interface CommandLine {
  readonly command: string | undefined;
  readonly common: CommonOptions;
  readonly help: boolean;
  readonly version: boolean;
  readonly force: boolean;
  readonly shell: string | undefined;
  /** How many processes serve; `undefined`: this one alone. */
  readonly workers: number | undefined;
  /** Whether the config is loaded again when its files change. */
  readonly watch: boolean;
  /** Which models to show, as it was written. */
  readonly models: Pick<Values, 'provider' | 'capability' | 'max-price' | 'json' | 'refresh'>;
  /** How to read and print a request to explain. */
  readonly explain: Pick<Values, 'path' | 'model' | 'json'>;
  /** What follows the command and is no option; all that follows it, untouched, where the command hands it on. */
  readonly rest: readonly string[];
}

/** What a command accepts besides the common options. */
export interface Accepts {
  readonly options?: readonly (keyof typeof ownOptions)[];
  readonly maxPositionals?: number;
  /** Everything after the command's name belongs to another program. */
  readonly handsOn?: boolean;
}

/** @throws {UsageError} that names the wrong argument. */
export function readCommandLine(
  argv: readonly string[],
  accepts: (command: string) => Accepts | undefined,
): CommandLine {
  const at = commandIndex(argv);
  const command = argv[at];
  const accepted = command === undefined ? {} : accepts(command);
  if (accepted === undefined) throw new UsageError(`there is no command "${command}". See: signalbox --help`);
  const after = argv.slice(at + 1);
  const own = accepted.handsOn ? argv.slice(0, at) : [...argv.slice(0, at), ...after];
  const { values, positionals } = parse(own, accepted, command);
  const max = accepted.maxPositionals ?? 0;
  if (positionals.length > max) {
    throw new UsageError(`"${positionals[max]}" is one argument too many. See: signalbox ${command} --help`);
  }
  return {
    command,
    common: {
      config: nonEmpty('--config', values.config),
      port: values.port === undefined ? undefined : readPort(values.port),
      host: nonEmpty('--host', values.host),
    },
    help: values.help ?? false,
    version: values.version ?? false,
    force: values.force ?? false,
    shell: values.shell,
    workers: values.workers === undefined ? undefined : readWorkers(values.workers),
    watch: values['no-watch'] !== true,
    models: values,
    explain: values,
    rest: accepted.handsOn ? after : positionals,
  };
}

/** The command is the first argument that is neither an option nor an option's value. */
function commandIndex(argv: readonly string[]): number {
  const takesValue = new Set(['--config', '-c', '--port', '-p', '--host']);
  let index = 0;
  while (index < argv.length && argv[index]?.startsWith('-')) index += takesValue.has(argv[index] ?? '') ? 2 : 1;
  return Math.min(index, argv.length);
}

function parse(args: readonly string[], { options = [] }: Accepts, command: string | undefined) {
  const own = Object.fromEntries(
    Object.entries(ownOptions).filter(([name]) => options.includes(name as keyof typeof ownOptions)),
  );
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { ...commonOptions, ...(own as Partial<typeof ownOptions>) },
      allowPositionals: true,
    });
    return { values: values as Values, positionals };
  } catch (error) {
    // Node's advice on positionals that begin with a dash helps nobody here.
    const [reason] = (error as Error).message.split('. To specify');
    throw new UsageError(`${reason}. See: signalbox ${command === undefined ? '' : `${command} `}--help`);
  }
}

interface Values {
  readonly config?: string;
  readonly port?: string;
  readonly host?: string;
  readonly help?: boolean;
  readonly version?: boolean;
  readonly force?: boolean;
  readonly shell?: string;
  readonly workers?: string;
  readonly 'no-watch'?: boolean;
  readonly provider?: string;
  readonly capability?: string;
  readonly 'max-price'?: string;
  readonly json?: boolean;
  readonly refresh?: boolean;
  readonly path?: string;
  readonly model?: string;
}

function nonEmpty(name: string, value: string | undefined): string | undefined {
  if (value === '') throw new UsageError(`${name} needs a value`);
  return value;
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535)
    throw new UsageError(`--port must be a number from 0 to 65535, not "${text}"`);
  return port;
}

function readWorkers(text: string): number {
  if (text === 'auto') return availableParallelism();
  const workers = Number(text);
  if (!/^\d+$/.test(text) || workers < 1 || workers > MAX_WORKERS)
    throw new UsageError(`--workers must be a number from 1 to ${MAX_WORKERS} or "auto", not "${text}"`);
  return workers;
}
