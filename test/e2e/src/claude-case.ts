import { type Responder, type ScriptedProvider, startScriptedProvider } from '@signalbox/testkit';
import { type ClaudeRun, runClaude, temporaryFolder } from './claude.ts';
import { type GatewayOptions, startGateway, type TestGateway } from './gateway.ts';

export interface ClaudeCase {
  /** The gateway's provider. */
  readonly gateway: (provider: ScriptedProvider) => GatewayOptions;
  readonly script: Responder;
  readonly prompt: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What there is to look at once Claude Code has ended. */
export interface ClaudeScene {
  readonly run: ClaudeRun;
  readonly provider: ScriptedProvider;
  readonly gateway: TestGateway;
  /** The project folder that it worked in. */
  readonly folder: string;
}

/**
 * Runs Claude Code in an empty folder, through a gateway, against a provider with this script; `look` gets what came of
 * it before all of that is gone again.
 */
export async function claudeCase(
  { gateway: options, script, prompt, args = [], env = {} }: ClaudeCase,
  look: (scene: ClaudeScene) => void | Promise<void>,
): Promise<void> {
  await using provider = await startScriptedProvider({ script });
  await using gateway = await startGateway(options(provider));
  await using folder = await temporaryFolder();
  const run = await runClaude({
    args: ['--dangerously-skip-permissions', ...args, prompt],
    env: { ANTHROPIC_BASE_URL: gateway.url, ...env },
    cwd: folder.path,
  });
  await look({ run, provider, gateway, folder: folder.path });
}

/** What a failed run prints instead of a bare number. */
export function outcome({ exitCode, result, stdout, stderr }: ClaudeRun): object {
  return result === undefined
    ? { exitCode, stdout, stderr }
    : { exitCode, isError: result.is_error, result: result.result };
}
