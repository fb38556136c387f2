import { type Responder, type ScriptedProvider, startScriptedProvider } from '@signalbox/testkit';
import type { AgentSide } from './agent-sides.ts';
import { temporaryFolder } from './claude.ts';
import { type CodexRun, runCodex } from './codex.ts';
import { startGateway, type TestGateway } from './gateway.ts';

export interface CodexCase {
  readonly side: AgentSide;
  readonly model: string;
  readonly script: Responder;
}

/** What there is to look at once Codex has ended. */
export interface CodexScene {
  readonly run: CodexRun;
  readonly provider: ScriptedProvider;
  readonly gateway: TestGateway;
  /** The folder that it worked in. */
  readonly folder: string;
}

/** Runs Codex in an empty folder, through a gateway, against a provider with this script. */
export async function codexCase(
  { side, model, script }: CodexCase,
  look: (scene: CodexScene) => void | Promise<void>,
): Promise<void> {
  await using provider = await startScriptedProvider({ script });
  await using gateway = await startGateway(side.gateway(provider));
  await using folder = await temporaryFolder();
  await using home = await temporaryFolder();
  const run = await runCodex({
    gatewayUrl: gateway.url,
    model,
    prompt: 'Do the work',
    cwd: folder.path,
    home: home.path,
  });
  await look({ run, provider, gateway, folder: folder.path });
}
