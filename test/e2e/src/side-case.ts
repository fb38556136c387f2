import { type Responder, startScriptedProvider } from '@signalbox/testkit';
import type { AgentSide } from './agent-sides.ts';
import { startGateway } from './gateway.ts';
import type { SdkScene } from './sdk-case.ts';

/** A gateway of one case, for clients of all five formats, in front of a provider with this script. */
export async function sideCase(
  side: AgentSide,
  script: Responder,
  run: (scene: SdkScene) => Promise<void>,
): Promise<void> {
  await using provider = await startScriptedProvider({ script });
  await using gateway = await startGateway(side.gateway(provider));
  await run({ provider, gateway });
}
