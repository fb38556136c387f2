import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { CommandLine } from '../arguments.ts';
import { clientKey, clientUrl } from '../client-address.ts';
import { readConfig } from '../config-source.ts';
import { ExitError } from '../failure.ts';
import { findProgram } from '../find-program.ts';
import { startOwnGateway } from '../gateway-process.ts';
import { isGateway } from '../running-gateway.ts';

/** Runs Claude Code through the gateway. @returns Claude Code's exit code, 128 + n where signal n ended it. */
export async function run({ common, rest }: CommandLine, env: NodeJS.ProcessEnv): Promise<number> {
  const program = env.SIGNALBOX_CLAUDE || 'claude';
  const client = findProgram(program, env);
  if (client === undefined) {
    throw new ExitError(
      `"${program}" was not found. Install Claude Code with: npm install -g @anthropic-ai/claude-code\n` +
        '(SIGNALBOX_CLAUDE names another program.)',
      127,
    );
  }
  const configured = clientUrl((await readConfig(common, env)).server);
  if (await isGateway(configured)) return runClient(client, rest, clientEnvironment(env, configured));

  const gateway = await startOwnGateway(common, env);
  try {
    const code = await runClient(client, rest, clientEnvironment(env, gateway.url));
    if (gateway.lost)
      process.stderr.write(`signalbox: the gateway ended before Claude Code did. Its log: ${gateway.logFile}\n`);
    return code;
  } finally {
    await gateway.stop();
  }
}

/** Our environment, with the gateway as the only way out to a model. */
function clientEnvironment(env: NodeJS.ProcessEnv, url: string): NodeJS.ProcessEnv {
  const {
    // It would be sent beside the token.
    ANTHROPIC_API_KEY: _key,
    // Each of them makes the client ignore the base URL.
    CLAUDE_CODE_USE_BEDROCK: _oneCloud,
    CLAUDE_CODE_USE_VERTEX: _anotherCloud,
    ...kept
  } = env;
  const noProxy = withoutProxy(env.NO_PROXY ?? env.no_proxy, new URL(url).hostname);
  return {
    ...kept,
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_AUTH_TOKEN: clientKey(env),
    NO_PROXY: noProxy,
    no_proxy: noProxy,
  };
}

function withoutProxy(current: string | undefined, host: string): string {
  const names = (current ?? '').split(',').map((name) => name.trim());
  return [...new Set([...names, '127.0.0.1', 'localhost', host])].filter((name) => name !== '').join(',');
}

function runClient(client: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(client, args, { env, stdio: 'inherit', shell: false });
  const forward = (signal: NodeJS.Signals): void => {
    // A terminal has sent Ctrl-C to the client already, and what it means is the client's affair.
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, forward);
  return new Promise<number>((resolve, reject) => {
    child.once('error', (error) => reject(new ExitError(`${client} cannot be started: ${error.message}`, 126)));
    child.once('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  }).finally(() => {
    for (const signal of signals) process.off(signal, forward);
  });
}
