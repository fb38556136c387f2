import { isGenerate, ollama } from '@signalbox/format-ollama';
import {
  commonProvider,
  credentialFor,
  definePlugin,
  type HttpProvider,
  type ProviderCall,
  requireKey,
} from '@signalbox/kit';
import { adapterFor } from './adapt-body.ts';
import { Catalogue } from './catalogue.ts';
import { configSchema, type OllamaConfig } from './config.ts';
import { ContextWindows } from './context-window.ts';
import { withPullHint } from './pull-hint.ts';
import { unlessLeft } from './unless-left.ts';

export type { OllamaConfig } from './config.ts';

/** Loading a large model takes minutes, in which Ollama says nothing. */
const PATIENCE = { headersMs: 600_000, firstEventMs: 600_000 };
const HOSTED = /^https?:\/\/(?:[^/]+\.)?ollama\.com(?:[:/]|$)/;

/** Models of an Ollama server, through its native API: the only one that takes a context window. */
export default definePlugin({
  name: 'provider-ollama',
  configSchema,
  apply(host, options) {
    // One key or several; none is needed.
    requireKey({ ...options, forwardCallerKey: true });
    const name = options.name ?? 'ollama';
    const { catalogue, provider } = createProvider(
      options,
      host.kept(`provider-ollama ${name}`, () => new ContextWindows()),
    );
    host.addProvider(name, provider);
    host.addModelFacts(({ provider: asked, model }) => {
      if (asked !== name) return undefined;
      const prices = catalogue.pricesOf(model);
      return catalogue.get(model)?.info ?? { id: model, ...(prices === undefined ? {} : { prices }) };
    });
    const learn = async (model: string): Promise<void> => {
      catalogue.want(model);
      await host.fetchModels(name);
      catalogue.refuseMissing(model);
    };
    // The window must fit the model before its first request is sent.
    host.hooks.transformIn.tapPromise(
      {
        name: 'provider-ollama',
        when: (target) => target.provider === name && catalogue.get(target.model) === undefined,
      },
      async (request, target, exchange) => {
        await unlessLeft(learn(target.model), exchange.signal);
        return request;
      },
    );
    // For the lists of models. Nobody waits for it, and a server that is not there yet is asked again when it is needed.
    host.hooks.ready.tap('provider-ollama', () => {
      host.fetchModels(name).catch((error: unknown) => {
        host.log.info({ provider: name, reason: (error as Error).message }, 'Ollama does not answer yet');
      });
    });
  },
});

function createProvider(
  options: OllamaConfig,
  windows: ContextWindows,
): { readonly catalogue: Catalogue; readonly provider: HttpProvider } {
  const baseUrl = options.baseUrl.replace(/\/+$/, '');
  const endpoint = (path: string, key: string | undefined) => ({
    url: `${baseUrl}${path}`,
    headers: { ...(key === undefined ? {} : { authorization: `Bearer ${key}` }), ...options.headers },
  });
  const catalogue = new Catalogue(
    (path) => endpoint(path, options.apiKey ?? options.apiKeys?.[0]),
    HOSTED.test(options.baseUrl),
  );
  const common = commonProvider(options);
  return {
    catalogue,
    provider: {
      ...common,
      ...(options.models === undefined ? { models: () => catalogue.list } : {}),
      format: ollama,
      timeouts: { ...PATIENCE, ...options.timeouts },
      endpoint: (call: ProviderCall) =>
        endpoint(
          call.clientFormat === 'ollama' && isGenerate(call.request) ? '/api/generate' : '/api/chat',
          credentialFor(call, options),
        ),
      adaptBody: adapterFor(options, catalogue, windows),
      fetchModels: (ask) => catalogue.refresh(ask),
      refineError: withPullHint,
    },
  };
}
