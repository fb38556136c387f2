import { type AskProvider, commonProvider, credentialFor, defineProvider, errors, ownKey } from '@signalbox/kit';
import { accessOf } from './access.ts';
import { type BedrockConfig, configSchema } from './config.ts';
import { countedModel, countTokensBody, pathOf } from './count-tokens.ts';
import { isExpired } from './error-name.ts';
import { converseFormat } from './format.ts';
import { listModels } from './list-models.ts';
import { createSigner } from './sign.ts';

export type { BedrockConfig } from './config.ts';

/** AWS Bedrock: one API, Converse, for the models of many vendors, signed calls and a binary event stream. */
export default defineProvider({
  id: 'bedrock',
  configSchema,
  create: (options, host) => {
    const { region, baseModels = {}, extraBody = {}, headers: ownHeaders = {} } = options;
    const base = trimmed(options.baseUrl ?? `https://bedrock-runtime.${region}.amazonaws.com`);
    const control = controlUrl(options);
    const access = accessOf(options, host);
    const sign = access.kind === 'signed' ? createSigner(region, access.credentials) : undefined;
    const found = access.kind === 'signed' ? access.found : undefined;
    const bearer = (key: string | undefined) => (key === undefined ? {} : { authorization: `Bearer ${key}` });

    const get = async (ask: AskProvider, url: string) => {
      const headers = { ...ownHeaders };
      if (access.kind === 'bearer') return ask({ url, headers: { ...bearer(ownKey(access.options)), ...headers } });
      return ask({ url, headers: (await sign?.({ method: 'GET', url, headers, body: '' })) ?? headers });
    };
    return {
      ...commonProvider(options),
      format: converseFormat({ baseModels, extraBody }),
      reasoningOrigin: 'bedrock',
      endpoint: (call) => ({
        url: base + pathOf(call, baseModels),
        headers: {
          accept: call.stream ? 'application/vnd.amazon.eventstream' : 'application/json',
          ...(access.kind === 'bearer' ? bearer(credentialFor(call, access.options)) : {}),
          ...ownHeaders,
        },
      }),
      adaptBody: (body, { operation }) => (operation === 'count-tokens' ? countTokensBody(body) : body),
      countsTokens: ({ model }) => countedModel(model, baseModels) !== undefined,
      ...(sign === undefined ? {} : { sign: (request) => sign({ ...request, method: 'POST' }) }),
      ...(found === undefined
        ? {}
        : {
            refineError: (error, { headers, body }) =>
              isExpired(headers, body) && found.expired()
                ? errors.providerFailed(503, 'The AWS credentials had expired: new ones are looked up.')
                : error,
          }),
      // A caller's key is there only while it calls.
      ...(control === undefined || options.forwardCallerKey === true
        ? {}
        : { fetchModels: (ask) => listModels((path) => get(ask, control + path)) }),
    };
  },
});

/** Where the control plane is: beside the API, where that is AWS's own. */
function controlUrl({ region, baseUrl, controlUrl: given }: BedrockConfig): string | undefined {
  if (given !== undefined) return trimmed(given);
  if (baseUrl === undefined) return `https://bedrock.${region}.amazonaws.com`;
  const [, runtime, rest] =
    /^(https:\/\/bedrock)-runtime((?:-fips)?\.[a-z0-9-]+\.amazonaws\.com)\/*$/.exec(baseUrl) ?? [];
  return runtime === undefined || rest === undefined ? undefined : runtime + rest;
}

function trimmed(url: string): string {
  return url.replace(/\/+$/, '');
}
