import type { Bench } from './bench.ts';
import { requestBody } from './bodies.ts';
import type { Listener } from './child.ts';
import { ANTHROPIC_HEADERS } from './client-requests.ts';
import { startGateway } from './gateway.ts';
import type { Options } from './options.ts';
import { ROUTED_MODEL, type RoutingName, routingNames, writeRoutingConfig } from './routing-config.ts';
import { median, percentile } from './statistics.ts';

/** What all strategies together may add to a request of 100 KB, p50, in ms. */
const BUDGET_MS = 0.2;
/** A difference this small needs more rounds than a ratio of throughputs. */
const ROUNDS_FACTOR = 6;

export type RoutingGateways = Readonly<Record<RoutingName, Listener>>;

/** One kind of client. Times in ms, p50, medians over the rounds; what is compared is compared within its round. */
export interface RoutingRow {
  readonly client: string;
  readonly p50Ms: Readonly<Record<RoutingName, number | undefined>>;
  /** What all strategies take longer than one, and how many times as long. */
  readonly addedMs: number | undefined;
  readonly ratio: number | undefined;
  readonly failed: number;
}

export const routedClients = [
  { client: 'with a session id', session: true },
  { client: 'without a session id', session: false },
] as const;

/** A turn of a coding agent that thinks. Without a session nothing in it names one, the body included. */
export function routedBody(session: boolean): string {
  const { metadata, ...request } = JSON.parse(requestBody('100 KB', ROUTED_MODEL, false)) as Record<string, unknown>;
  return JSON.stringify({ ...request, thinking: { type: 'adaptive' }, ...(session ? { metadata } : {}) });
}

/** All of them, or none. @throws {Error} */
export async function startRouting({ upstream, build }: Pick<Bench, 'upstream' | 'build'>): Promise<RoutingGateways> {
  const started: Partial<Record<RoutingName, Listener>> = {};
  try {
    for (const name of routingNames) {
      started[name] = await startGateway(writeRoutingConfig(name, upstream.port), build);
    }
  } catch (error) {
    await Promise.all(Object.values(started).map((gateway) => gateway.stop()));
    throw error;
  }
  return started as RoutingGateways;
}

/** Measures what routing adds end to end: one connection that asks again at once, the gateways in turn. */
export async function measureRouting(
  { generator }: Pick<Bench, 'generator'>,
  gateways: RoutingGateways,
  { rounds, durationMs, warmUpMs }: Pick<Options, 'rounds' | 'durationMs' | 'warmUpMs'>,
  progress: (text: string) => void,
): Promise<RoutingRow[]> {
  const rows: RoutingRow[] = [];
  for (const { client, session } of routedClients) {
    const body = routedBody(session);
    let failed = 0;
    const ask = async (name: RoutingName, ms: number): Promise<number | undefined> => {
      const { port } = gateways[name];
      const request = { path: '/v1/messages', body, headers: ANTHROPIC_HEADERS, session };
      const command = { port, ...request, connections: 1, durationMs: ms };
      const result = await generator.run(command);
      failed += result.failed;
      return percentile(result.latenciesMs, 0.5);
    };
    for (const name of routingNames) await ask(name, warmUpMs * 4);
    const samples: Record<RoutingName, number | undefined>[] = [];
    for (let round = 0; round < rounds * ROUNDS_FACTOR; round++) {
      progress(`\r${client}, round ${round + 1} of ${rounds * ROUNDS_FACTOR} `);
      const sample: Partial<Record<RoutingName, number | undefined>> = {};
      for (const at of routingNames.keys()) {
        const name = routingNames[(at + round) % routingNames.length] ?? 'one';
        sample[name] = await ask(name, durationMs);
      }
      samples.push(sample as Record<RoutingName, number | undefined>);
    }
    progress('\r\n');
    rows.push(summariseRouting(client, samples, failed));
  }
  return rows;
}

export function summariseRouting(
  client: string,
  samples: readonly Readonly<Record<RoutingName, number | undefined>>[],
  failed: number,
): RoutingRow {
  const pairs = samples.flatMap(({ one, all }) => (one === undefined || all === undefined ? [] : [{ one, all }]));
  const p50 = (name: RoutingName): number | undefined => median(samples.flatMap((sample) => sample[name] ?? []));
  return {
    client,
    p50Ms: { default: p50('default'), one: p50('one'), all: p50('all') },
    addedMs: median(pairs.map(({ one, all }) => all - one)),
    ratio: median(pairs.map(({ one, all }) => all / one)),
    failed,
  };
}

export function printRouting(rows: readonly RoutingRow[]): string {
  const cell = (value: number | undefined, digits = 3): string => (value?.toFixed(digits) ?? '–').padStart(8);
  const lines = rows.map(({ client, p50Ms, addedMs, ratio, failed }) => {
    const kept = addedMs !== undefined && addedMs <= BUDGET_MS && failed === 0;
    const times = routingNames.map((name) => cell(p50Ms[name])).join(' ');
    const faults = failed === 0 ? '' : `, ${failed} failed`;
    return `${client.padEnd(22)} ${times} ${cell(addedMs)} ${cell(ratio, 2)}   ≤ ${BUDGET_MS} ms ${kept ? '✓' : '✗'}${faults}`;
  });
  return [
    'Routing of a 100 KB request, p50 in ms',
    `${''.padEnd(22)} ${['default', 'one', 'all', 'added', 'ratio'].map((name) => name.padStart(8)).join(' ')}`,
    ...lines,
  ].join('\n');
}
