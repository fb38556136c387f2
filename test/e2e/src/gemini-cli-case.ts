import { type Responder, type ScriptedProvider, startScriptedProvider } from '@signalbox/testkit';
import type { AgentSide } from './agent-sides.ts';
import { temporaryFolder } from './claude.ts';
import { startGateway, type TestGateway } from './gateway.ts';
import { type GeminiCliRun, runGeminiCli } from './gemini-cli.ts';

export interface GeminiCliCase {
  readonly side: AgentSide;
  /** Default: Gemini CLI asks a small model which one to take. */
  readonly model?: string;
  /** The script may name files of the folder. */
  readonly script: (folder: string) => Responder;
}

/** What there is to look at once Gemini CLI has ended. */
export interface GeminiCliScene {
  readonly run: GeminiCliRun;
  readonly provider: ScriptedProvider;
  readonly gateway: TestGateway;
  /** The folder that it worked in. */
  readonly folder: string;
}

/** Runs Gemini CLI in an empty folder, through a gateway, against a provider with this script. */
export async function geminiCliCase(
  { side, model, script }: GeminiCliCase,
  look: (scene: GeminiCliScene) => void | Promise<void>,
): Promise<void> {
  await using folder = await temporaryFolder();
  await using home = await temporaryFolder();
  await using provider = await startScriptedProvider({ script: script(folder.path) });
  await using gateway = await startGateway(side.gateway(provider));
  const run = await runGeminiCli({
    gatewayUrl: gateway.url,
    model,
    prompt: 'Do the work',
    cwd: folder.path,
    home: home.path,
  });
  await look({ run, provider, gateway, folder: folder.path });
}
