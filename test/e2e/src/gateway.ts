import { configOf, createGeneration, type ServerConfig } from '@signalbox/core';
import { anthropicMessages } from '@signalbox/format-anthropic-messages';
import { openaiChat } from '@signalbox/format-openai-chat';
import {
  definePlugin,
  type Exchange,
  type ExchangeRecord,
  type HeaderMap,
  type JsonObject,
  type Plugin,
  type RoutePlan,
} from '@signalbox/kit';
import { startServer } from '@signalbox/server';

export type PluginEntry = readonly [plugin: Plugin, options?: JsonObject];

export interface GatewayOptions {
  /** Providers and whatever else the case needs. Both formats are there already. */
  readonly plugins: readonly PluginEntry[];
  /** Where every request goes, as `provider/model`; without a model the one that was asked for. Default: the plugins decide. */
  readonly target?: string | undefined;
  /** What else the plan says. Default: no retries, so that a client meets each fault, and its own retries count. */
  readonly plan?: Partial<RoutePlan>;
  readonly server?: Partial<ServerConfig>;
}

/** What a client sent, as it came in. */
export interface ReceivedRequest {
  readonly operation: Exchange['operation'];
  readonly headers: HeaderMap;
  readonly rawBody: Buffer;
}

export interface TestGateway extends AsyncDisposable {
  readonly url: string;
  /** Every request that was let in, in order. */
  readonly received: readonly ReceivedRequest[];
  /** What the log got, once per finished exchange. */
  readonly records: readonly ExchangeRecord[];
  /** The record with this index, as soon as its exchange has finished. */
  waitForRecord(index: number): Promise<ExchangeRecord>;
}

/** A gateway of this process on a free port of this machine, with one route. */
export async function startGateway({
  plugins,
  target,
  plan = { retry: { maxRetries: 0 } },
  server,
}: GatewayOptions): Promise<TestGateway> {
  const received: ReceivedRequest[] = [];
  const records: ExchangeRecord[] = [];
  const waiting = new Set<() => void>();
  const [provider = '', ...model] = (target ?? '').split('/');

  const observe = definePlugin({
    name: 'test-observe',
    apply: ({ hooks }) => {
      hooks.route.tap('test-observe', (before, exchange) => {
        const { operation, headers, rawBody } = exchange;
        received.push({ operation, headers, rawBody });
        if (target === undefined) return before;
        return { targets: [{ provider, model: model.join('/') || exchange.model }], reason: 'the only route', ...plan };
      });
      hooks.log.tap('test-observe', (record) => {
        records.push(record);
        for (const check of waiting) check();
      });
    },
  });

  const generation = await createGeneration(
    configOf([[anthropicMessages], [openaiChat], [observe], ...plugins], { server: { port: 0, ...server } }),
  );
  const gateway = await startServer(generation, { version: '0.0.0-e2e' });
  return {
    url: gateway.url,
    received,
    records,
    waitForRecord: (index) =>
      new Promise((resolve) => {
        const check = () => {
          const record = records[index];
          if (record === undefined) return;
          waiting.delete(check);
          resolve(record);
        };
        waiting.add(check);
        check();
      }),
    [Symbol.asyncDispose]: () => gateway.close(0),
  };
}
