import type { Timeouts } from '@signalbox/kit';
import { type Responder, type ScriptedProvider, startScriptedProvider } from '@signalbox/testkit';
import { startGateway, type TestGateway } from './gateway.ts';
import type { ProviderSide } from './lanes.ts';

export interface SdkScene {
  readonly provider: ScriptedProvider;
  readonly gateway: TestGateway;
}

/** A gateway of one case in front of a provider with this script. */
export async function sdkCase(
  side: ProviderSide,
  script: Responder,
  run: (scene: SdkScene) => Promise<void>,
  timeouts: Partial<Timeouts> = {},
): Promise<void> {
  await using provider = await startScriptedProvider({ script });
  await using gateway = await startGateway(side.gateway(provider, timeouts));
  await run({ provider, gateway });
}

/** What a promise was rejected with. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it was expected to fail, and did not');
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** A picture of one pixel. */
export const DOT_PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
