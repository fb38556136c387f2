import type { CommandLine } from '../arguments.ts';
import { clientKey, clientUrl } from '../client-address.ts';
import { readConfig } from '../config-source.ts';
import { UsageError } from '../failure.ts';

interface Shell {
  set(name: string, value: string): string;
  unset(name: string): string;
}

const shells: Readonly<Record<string, Shell>> = {
  sh: {
    set: (name, value) => `export ${name}='${value.replaceAll("'", "'\\''")}'`,
    unset: (name) => `unset ${name}`,
  },
  fish: {
    set: (name, value) => `set -gx ${name} '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}';`,
    unset: (name) => `set -e ${name};`,
  },
  powershell: {
    set: (name, value) => `$env:${name} = '${value.replaceAll("'", "''")}'`,
    unset: (name) => `Remove-Item Env:${name} -ErrorAction SilentlyContinue`,
  },
};

/** Prints what points clients at the gateway, for a shell to evaluate. */
export async function run({ common, shell: shellName = 'sh' }: CommandLine, env: NodeJS.ProcessEnv): Promise<number> {
  const shell = Object.hasOwn(shells, shellName) ? shells[shellName] : undefined;
  if (shell === undefined) {
    throw new UsageError(`--shell must be one of ${Object.keys(shells).join(', ')}, not "${shellName}"`);
  }
  const { server } = await readConfig(common, env);
  const url = clientUrl(server);
  const lines = [
    shell.set('ANTHROPIC_BASE_URL', url),
    shell.set('ANTHROPIC_AUTH_TOKEN', clientKey(env)),
    // A client that has both sends both.
    shell.unset('ANTHROPIC_API_KEY'),
    shell.set('OPENAI_BASE_URL', `${url}/v1`),
    shell.set('OPENAI_API_KEY', clientKey(env)),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}
