import { configOf, createGeneration } from '@signalbox/core';
import anthropicMessages from '@signalbox/format-anthropic-messages';
import gemini from '@signalbox/format-gemini';
import ollama from '@signalbox/format-ollama';
import openaiChat from '@signalbox/format-openai-chat';
import openaiResponses from '@signalbox/format-openai-responses';
import { definePlugin, type ExchangeRecord, type JsonObject, type Plugin, type RoutePlan } from '@signalbox/kit';
import { startServer } from '@signalbox/server';
import { json, type RecordedRequest, type Responder, startScriptedProvider } from '@signalbox/testkit';
import { providers } from './providers/index.ts';
import type { ProviderKind } from './wire.ts';

/** A gateway with all formats in front of one scripted server that is every provider. Lines may be used at once. */
export interface Bench {
  readonly url: string;
  /** A model name of its own that leads to this provider. */
  line(provider: ProviderKind): Line;
  close(): Promise<void>;
}

export interface Line {
  /** What the client asks for. */
  readonly model: string;
  /** Chat requests and counts that the provider got, in order. */
  readonly requests: readonly RecordedRequest[];
  /** Answers what comes from now on. */
  answer(responder: Responder): void;
  /** The record of the exchange with this index, once it is there. */
  record(index: number): Promise<ExchangeRecord>;
}

interface OpenLine extends Line {
  readonly provider: ProviderKind;
  readonly requests: RecordedRequest[];
  responder: Responder;
  readonly records: ExchangeRecord[];
}

const FORMATS: readonly Plugin[] = [anthropicMessages, openaiChat, openaiResponses, gemini, ollama];
const NAME = /matrix\d+x/;
const UNSCRIPTED = json(501, { error: { message: 'nothing is scripted yet' } });
/** What an Ollama server says of any of its models. */
const SHOWN: JsonObject = {
  capabilities: ['completion', 'tools', 'thinking', 'vision'],
  model_info: { 'general.architecture': 'gptoss', 'gptoss.context_length': 131_072 },
};

export async function startBench(): Promise<Bench> {
  const lines = new Map<string, OpenLine>();
  const script: Responder = (request, wire) => {
    if (request.path === '/api/tags') return json(200, { models: [] })(request, wire);
    if (request.path === '/api/show') return json(200, SHOWN)(request, wire);
    const line = lines.get(NAME.exec(`${request.path} ${String(request.body?.model)}`)?.[0] ?? '');
    line?.requests.push(request);
    const refused = line?.provider.refuses(request.body ?? {}) ?? [];
    if (line !== undefined && refused.length > 0) {
      return json(400, line.provider.error(400, refused.join('; ')))(request, wire);
    }
    return (line?.responder ?? UNSCRIPTED)(request, wire);
  };
  const scripted = await startScriptedProvider({ script });
  const routes = definePlugin({
    name: 'matrix',
    apply({ hooks }) {
      hooks.route.tap('matrix', (_plan, { model }): RoutePlan => {
        const { provider } = lines.get(model) ?? {};
        if (provider === undefined) throw new Error(`no line is called ${model}`);
        const targets = [{ provider: provider.id, model: `${provider.model}-${model}` }];
        return { targets, reason: 'the matrix', retry: { maxRetries: 0 } };
      });
      hooks.log.tap('matrix', (record) => {
        lines.get(record.model)?.records.push(record);
      });
    },
  });
  const config = configOf(
    [...FORMATS.map((format): [Plugin] => [format]), ...providers.map(({ plugin }) => plugin(scripted.url)), [routes]],
    { server: { port: 0, keepAliveMs: 60_000 } },
  );
  const gateway = await startServer(await createGeneration(config), { version: '0.0.0-matrix' });
  return {
    url: gateway.url,
    line: (provider) => {
      const line = openLine(provider, `matrix${lines.size}x`);
      lines.set(line.model, line);
      return line;
    },
    close: async () => {
      await gateway.close(0);
      await scripted.close();
    },
  };
}

function openLine(provider: ProviderKind, model: string): OpenLine {
  const records: ExchangeRecord[] = [];
  const line: OpenLine = {
    provider,
    model,
    requests: [],
    records,
    responder: UNSCRIPTED,
    answer: (responder) => {
      line.responder = responder;
    },
    // It is written when the last byte is out, which the client may read before.
    record: async (index) => {
      const givenUpAt = performance.now() + 30_000;
      while (performance.now() < givenUpAt) {
        const record = records[index];
        if (record !== undefined) return record;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error(`no record of exchange ${index}`);
    },
  };
  return line;
}
