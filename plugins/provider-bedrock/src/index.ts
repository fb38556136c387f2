import { commonProvider, credentialFor, defineProvider, SignalboxError } from '@signalbox/kit';
import { type BedrockConfig, configSchema } from './config.ts';
import { converseFormat } from './format.ts';
import { type AccessKey, createSigner } from './sign.ts';

export type { BedrockConfig } from './config.ts';

/** AWS Bedrock: one API, Converse, for the models of many vendors, signed calls and a binary event stream. */
export default defineProvider({
  id: 'bedrock',
  configSchema,
  create: (options) => {
    const { region, baseUrl = `https://bedrock-runtime.${region}.amazonaws.com` } = options;
    const base = baseUrl.replace(/\/+$/, '');
    const accessKey = accessKeyOf(options);
    return {
      ...commonProvider(options),
      format: converseFormat({ baseModels: options.baseModels ?? {}, extraBody: options.extraBody ?? {} }),
      reasoningOrigin: 'bedrock',
      endpoint: (call) => {
        const key = accessKey === undefined ? credentialFor(call, options) : undefined;
        return {
          url: `${base}/model/${encodeURIComponent(call.model)}/${call.stream ? 'converse-stream' : 'converse'}`,
          headers: {
            accept: call.stream ? 'application/vnd.amazon.eventstream' : 'application/json',
            ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
            ...options.headers,
          },
        };
      },
      ...(accessKey === undefined ? {} : { sign: createSigner(region, accessKey) }),
    };
  },
});

/** @throws {SignalboxError} BAD_CONFIG for a credential that is missing, half there, or there twice. */
function accessKeyOf(options: BedrockConfig): AccessKey | undefined {
  const { accessKeyId, secretAccessKey, sessionToken, apiKey, apiKeys, forwardCallerKey } = options;
  if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
    throw new SignalboxError('BAD_CONFIG', 'accessKeyId: goes together with "secretAccessKey".');
  }
  const bearer = [apiKey !== undefined, apiKeys !== undefined, forwardCallerKey === true].filter(Boolean).length;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    if (bearer === 0) {
      throw new SignalboxError('BAD_CONFIG', 'apiKey: give it, or "accessKeyId" and "secretAccessKey".');
    }
    return undefined;
  }
  if (bearer > 0)
    throw new SignalboxError('BAD_CONFIG', 'accessKeyId: calls are signed, or have an API key, not both.');
  return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
}
