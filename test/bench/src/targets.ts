import type { BodySize } from './bodies.ts';
import { type Listener, startListener } from './child.ts';
import { type ClientRequest, clientRequest } from './client-requests.ts';
import { type GatewayBuild, startGateway } from './gateway.ts';
import { modelName, upstreamPath, writeGatewayConfig } from './gateway-config.ts';
import type { Pair } from './pair.ts';
import { type ScriptName, scripts } from './scripts.ts';

export const targetNames = ['bare', 'koa', 'gateway'] as const;
export type TargetName = (typeof targetNames)[number];
export type Targets = Readonly<Record<TargetName, Listener>>;

/** What one request asks for, whoever is asked. */
export interface Ask {
  readonly pair: Pair;
  readonly script: ScriptName;
  readonly size: BodySize;
}

/** Starts one of the three; each is a process of its own. */
export function startTarget(name: TargetName, upstreamPort: number, build: GatewayBuild): Promise<Listener> {
  if (name === 'gateway') return startGateway(writeGatewayConfig(upstreamPort), build);
  const file = name === 'bare' ? './bare-http.ts' : './bare-koa.ts';
  return startListener(name, file, [`http://127.0.0.1:${upstreamPort}`]);
}

/** All three, or none: if one does not start, the others are stopped. @throws {Error} */
export async function startTargets(upstreamPort: number, build: GatewayBuild): Promise<Targets> {
  const starts = await Promise.allSettled(targetNames.map((name) => startTarget(name, upstreamPort, build)));
  const [bare, koa, gateway] = starts.map((start) => (start.status === 'fulfilled' ? start.value : undefined));
  if (bare !== undefined && koa !== undefined && gateway !== undefined) return { bare, koa, gateway };
  await Promise.all([bare, koa, gateway].map((listener) => listener?.stop()));
  throw starts.find((start) => start.status === 'rejected')?.reason;
}

export function startUpstream(): Promise<Listener> {
  return startListener('upstream', './upstream.ts');
}

/** The same request for every target, byte for byte; only the path says what the gateway would find out by itself. */
export function askOf(target: TargetName, { pair: { client, provider }, script, size }: Ask): ClientRequest {
  const stream = scripts[script].eventsPerWrite > 0;
  const request = clientRequest(client, size, modelName(provider, script), stream);
  return target === 'gateway' ? request : { ...request, path: upstreamPath(provider, script) };
}
