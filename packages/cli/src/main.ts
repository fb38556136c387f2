import { type Accepts, type CommandLine, readCommandLine } from './arguments.ts';
import { reportFailure } from './failure.ts';
import { commandHelp, generalHelp } from './help.ts';
import { ownVersion } from './version.ts';

/** A command's entry: gets the parsed line, gives the exit code. */
export type RunCommand = (line: CommandLine, env: NodeJS.ProcessEnv) => Promise<number>;

interface Command extends Accepts {
  /** Loaded when it is called: a command pays for its own imports only. */
  load(): Promise<{ run: RunCommand }>;
}

const commands: Readonly<Record<string, Command>> = {
  start: { load: () => import('./commands/start.ts'), options: ['workers', 'no-watch'] },
  code: { load: () => import('./commands/code.ts'), handsOn: true },
  check: { load: () => import('./commands/check.ts') },
  plugins: { load: () => import('./commands/plugins.ts') },
  models: {
    load: () => import('./commands/models.ts'),
    options: ['provider', 'capability', 'max-price', 'json', 'refresh'],
    maxPositionals: 1,
  },
  explain: { load: () => import('./commands/explain.ts'), options: ['path', 'model', 'json'], maxPositionals: 1 },
  env: { load: () => import('./commands/env.ts'), options: ['shell'] },
  init: { load: () => import('./commands/init.ts'), options: ['force'], maxPositionals: 1 },
  schema: { load: () => import('./commands/schema.ts') },
};

/**
 * Runs one command line.
 * @returns the exit code: 0, 1 for a failure, 2 for wrong usage; of `code`, the client's own.
 */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  try {
    const line = readCommandLine(argv, (name) => (Object.hasOwn(commands, name) ? commands[name] : undefined));
    const command = line.command === undefined ? undefined : commands[line.command];
    if (line.version) {
      process.stdout.write(`${ownVersion()}\n`);
      return 0;
    }
    if (line.help || line.command === undefined || command === undefined) {
      process.stdout.write(line.command === undefined ? generalHelp : commandHelp(line.command));
      return 0;
    }
    const { run } = await command.load();
    return await run(line, env);
  } catch (error) {
    return reportFailure(error, env);
  }
}
