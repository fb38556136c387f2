import { anthropicMessages } from '@signalbox/format-anthropic-messages';
import { openaiChat } from '@signalbox/format-openai-chat';
import {
  type Exchange,
  formatTarget,
  type JsonObject,
  type LocalProvider,
  type ModelCapabilities,
  Notes,
  parseTarget,
  type RoutePlan,
} from '@signalbox/kit';
import { applyPlugin, type FakeExchangeOptions, fakeExchange, fakeHost } from '@signalbox/testkit';
import capability from '../src/index.ts';

const FORMATS = { 'anthropic-messages': anthropicMessages, 'openai-chat': openaiChat };
const silent: LocalProvider = {
  answer: () => ({ kind: 'whole', message: { content: [], stopReason: 'end-turn' } }),
};

export interface Wire extends FakeExchangeOptions {
  readonly body: JsonObject;
  readonly format?: keyof typeof FORMATS;
  readonly fault?: Error;
}

/** The plugin between plans and bodies as clients send them. `models` says what is known of `provider/model`. */
export async function capabilities(models: Readonly<Record<string, ModelCapabilities>>, options: JsonObject = {}) {
  const host = fakeHost();
  for (const name of ['a', 'b', 'c']) host.addProvider(name, silent);
  host.addModelFacts((target) => {
    const known = models[formatTarget(target)];
    return known && { id: target.model, capabilities: known };
  });
  await applyPlugin(capability, { onNone: 'refuse', ...options }, host);
  await host.hooks.ready.promise();
  return async (targets: readonly string[], wire: Wire, policy: Partial<RoutePlan> = {}) => {
    const { exchange, decodes } = exchangeOf(wire);
    const plan = {
      targets: targets.flatMap((text) => parseTarget(text) ?? []),
      reason: 'the router says so',
      ...policy,
    };
    const after = await host.hooks.route.promise(plan, exchange);
    return { after, kept: after === plan, targets: after?.targets.map(formatTarget), decodes: decodes() };
  };
}

function exchangeOf({ body, format = 'anthropic-messages', fault, ...given }: Wire) {
  let decodes = 0;
  const decoded = () => {
    decodes++;
    if (fault !== undefined) throw fault;
    return FORMATS[format].decodeRequest(body, { headers: {}, notes: new Notes() });
  };
  const plain = fakeExchange({ format, model: String(body.model), ...given });
  const exchange: Exchange = Object.defineProperties(
    { ...plain, rawBody: Buffer.from(JSON.stringify(body)) },
    { request: { get: decoded } },
  );
  return { exchange, decodes: () => decodes };
}

/** A Messages body. */
export function messages(more: JsonObject = {}): Wire {
  return { body: { model: 'claude-x', max_tokens: 100, messages: [{ role: 'user', content: 'Hello.' }], ...more } };
}

/** A Chat Completions body. */
export function chat(more: JsonObject = {}): Wire {
  return {
    format: 'openai-chat',
    body: { model: 'gpt-x', messages: [{ role: 'user', content: 'Hello.' }], ...more },
  };
}
