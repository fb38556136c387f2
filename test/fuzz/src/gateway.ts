import { configOf, createGeneration, type Generation } from '@signalbox/core';
import { definePlugin, type JsonObject, type Logger, type Plugin, type RoutePlan } from '@signalbox/kit';
import presetDefault from '@signalbox/preset-default';
import { startServer } from '@signalbox/server';
import keepReasoning from '@signalbox/transform-keep-reasoning';
import toolRepair from '@signalbox/transform-tool-repair';

/** Where a request is to go: `provider/model`. */
export const TARGET_HEADER = 'x-fuzz-target';
export const TIMEOUTS: JsonObject = {
  connectMs: 2_000,
  headersMs: 1_200,
  firstEventMs: 1_200,
  idleMs: 1_200,
  totalMs: 6_000,
};
/** All timers, and what a busy machine needs. */
export const BOUND_MS = 15_000;

export interface FuzzedGateway {
  readonly url: string;
  readonly generation: Generation;
  /** What the gateway's log says that it should never say. Taking it empties the list. */
  takeFaults(): string[];
  close(): Promise<void>;
}

/** The gateway that a new user gets, with every transform there is, in front of these providers. */
export async function startGateway(
  providers: readonly (readonly [plugin: Plugin, options: JsonObject])[],
): Promise<FuzzedGateway> {
  const faults: string[] = [];
  // Nobody is there: a local Ollama must not answer.
  const env = { OLLAMA_HOST: '127.0.0.1:1' };
  const preset = [presetDefault, { log: false }] as const;
  const listed = await createGeneration(configOf([preset], { env }));
  const names = new Set(listed.plugins.map(({ name }) => name));
  await listed.close();
  const more = Object.entries({ 'transform-keep-reasoning': keepReasoning, 'transform-tool-repair': toolRepair });
  const transforms = more.flatMap(([name, plugin]): [Plugin][] => (names.has(name) ? [] : [[plugin]]));
  const config = configOf([preset, ...providers, ...transforms, [wiring(faults)]], {
    env,
    server: { port: 0, keepAliveMs: 100, openStreamAfterMs: 500, maxBodyBytes: 4 * 1024 * 1024 },
  });
  const generation = await createGeneration(config);
  const gateway = await startServer(generation, { version: '0.0.0-fuzz' });
  return {
    url: gateway.url,
    generation,
    takeFaults: () => faults.splice(0),
    close: () => gateway.close(0),
  };
}

/** Sends each request where it says, and listens to the log. */
function wiring(faults: string[]): Plugin {
  const heard = (fields: object, message: string): void => {
    const { err, plugin, hook } = fields as { err?: unknown; plugin?: string; hook?: string };
    const where = plugin === undefined ? '' : ` in ${plugin}.${hook}`;
    faults.push(`${message}${where}: ${err instanceof Error ? (err.stack ?? err.message) : String(err)}`);
  };
  const log: Logger = { info: () => {}, warn: () => {}, error: heard };
  return definePlugin({
    name: 'fuzz-wiring',
    apply: (host) => {
      host.setLogger(log);
      host.hooks.route.tap('fuzz-wiring', (plan, { headers }): RoutePlan | undefined => {
        const [provider, model] = headers[TARGET_HEADER]?.split('/') ?? [];
        if (provider === undefined || model === undefined) return plan;
        return { targets: [{ provider, model }], reason: 'the fuzz', retry: { maxRetries: 0 } };
      });
    },
  });
}
