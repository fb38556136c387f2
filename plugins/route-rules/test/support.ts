import { anthropicMessages } from '@signalbox/format-anthropic-messages';
import { openaiChat } from '@signalbox/format-openai-chat';
import {
  type Exchange,
  estimatePromptTokens,
  formatTarget,
  type JsonObject,
  type LocalProvider,
  Notes,
} from '@signalbox/kit';
import { applyPlugin, type FakeExchangeOptions, fakeExchange, fakeHost } from '@signalbox/testkit';
import rules from '../src/index.ts';

const FORMATS = { 'anthropic-messages': anthropicMessages, 'openai-chat': openaiChat };
const silent: LocalProvider = {
  answer: () => ({ kind: 'whole', message: { content: [], stopReason: 'end-turn' } }),
};

export interface Wire extends FakeExchangeOptions {
  readonly body?: JsonObject;
  readonly format?: keyof typeof FORMATS;
  /** What goes wrong inside of the decoder. */
  readonly fault?: Error;
}

/** A router with these rules in front of bodies as clients send them. `a/…`, `b/…` and `c/…` are providers. */
export async function router(list: readonly JsonObject[]) {
  const host = fakeHost();
  for (const name of ['a', 'b', 'c']) host.addProvider(name, silent);
  await applyPlugin(rules, { rules: [...list] }, host);
  await host.hooks.ready.promise();
  const decide = async (wire: Wire = {}) => {
    const { exchange, decodes } = exchangeOf(wire);
    const plan = await host.hooks.route.promise(undefined, exchange);
    return { targets: plan?.targets.map(formatTarget), reason: plan?.reason ?? '', decodes: decodes() };
  };
  return { host, decide };
}

/** Whether a condition holds for a request, and whether the body was decoded for it. */
export async function holds(when: string, wire: Wire = {}): Promise<{ holds: boolean; decoded: boolean }> {
  const { decide } = await router([{ when, to: 'a/x' }]);
  const { targets, decodes } = await decide(wire);
  return { holds: targets !== undefined, decoded: decodes > 0 };
}

function exchangeOf({ body = messages(), format = 'anthropic-messages', fault, ...given }: Wire) {
  let decodes = 0;
  const decoded = () => {
    decodes++;
    if (fault !== undefined) throw fault;
    return FORMATS[format].decodeRequest(body, { headers: {}, notes: new Notes() });
  };
  const plain = fakeExchange({ format, model: String(body.model), stream: body.stream === true, ...given });
  const exchange: Exchange = Object.defineProperties(
    {
      ...plain,
      rawBody: Buffer.from(JSON.stringify(body)),
      estimatePromptTokens: () => estimatePromptTokens(decoded()),
    },
    { request: { get: decoded } },
  );
  return { exchange, decodes: () => decodes };
}

/** A Messages body. */
export function messages(more: JsonObject = {}): JsonObject {
  return { model: 'claude-x', max_tokens: 100, messages: [{ role: 'user', content: 'Hello.' }], ...more };
}

/** A Chat Completions body. */
export function chat(more: JsonObject = {}): JsonObject {
  return { model: 'gpt-x', messages: [{ role: 'user', content: 'Hello.' }], ...more };
}
