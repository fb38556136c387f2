import { anthropicMessages } from '@signalbox/format-anthropic-messages';
import { openaiChat } from '@signalbox/format-openai-chat';
import {
  type Exchange,
  estimatePromptTokens,
  formatTarget,
  type JsonObject,
  type LocalProvider,
  type ModelInfo,
  Notes,
  parseTarget,
  type RoutePlan,
} from '@signalbox/kit';
import { applyPlugin, type FakeExchangeOptions, fakeExchange, fakeHost } from '@signalbox/testkit';
import context from '../src/index.ts';

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
export async function contexts(
  models: Readonly<Record<string, Omit<ModelInfo, 'id'>>>,
  options: { margin?: number | undefined; maxReservedTokens?: number; larger?: JsonObject } = {},
) {
  const host = fakeHost();
  for (const name of ['a', 'b', 'c']) host.addProvider(name, silent);
  host.addModelFacts((target) => {
    const known = models[formatTarget(target)];
    return known && { id: target.model, ...known };
  });
  const { margin = 1, ...others } = options;
  const given = 'margin' in options && options.margin === undefined ? {} : { margin };
  await applyPlugin(context, { larger: {}, ...given, ...others } as JsonObject, host);
  await host.hooks.ready.promise();
  return async (targets: readonly string[], wire: Wire, policy: Partial<RoutePlan> = {}) => {
    const { exchange, decodes } = exchangeOf(wire);
    const plan = {
      targets: targets.flatMap((text) => parseTarget(text) ?? []),
      reason: 'the router says so',
      ...policy,
    };
    const after = await host.hooks.route.promise(plan, exchange);
    return {
      after,
      kept: after === plan,
      targets: after?.targets.map(formatTarget),
      decodes: decodes(),
      /** What is asked of a target of the plan, and what is noted of it. */
      sent: async (to: string) => {
        const target = parseTarget(to) ?? { provider: '', model: '' };
        const { maxOutputTokens } = await host.hooks.transformIn.promise(exchange.request, target, exchange);
        return { maxOutputTokens, notes: exchange.notes.list.map(({ reason }) => reason) };
      },
      /** Lets a target answer, and report so many tokens of the prompt. */
      answered: (by: string, promptTokens: number) =>
        host.hooks.attempt.call(
          {
            target: parseTarget(by) ?? { provider: '', model: '' },
            lane: 'canonical',
            startedMs: 0,
            endedMs: 1,
            outcome: 'answered',
            usage: { promptTokens },
          },
          exchange,
        ),
    };
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
    {
      ...plain,
      rawBody: Buffer.from(JSON.stringify(body)),
      estimatePromptTokens: () => estimatePromptTokens(decoded()),
    },
    { request: { get: decoded } },
  );
  return { exchange, decodes: () => decodes };
}

/** What the prompt of this body is estimated at. */
export function estimate({ body, format = 'anthropic-messages' }: Wire): number {
  return estimatePromptTokens(FORMATS[format].decodeRequest(body, { headers: {}, notes: new Notes() }));
}

/** A Messages body with a prompt of so many characters. */
export function prompt(chars: number, more: JsonObject = {}): Wire {
  return {
    body: { model: 'claude-x', max_tokens: 100, messages: [{ role: 'user', content: 'x'.repeat(chars) }], ...more },
  };
}

/** The same for Chat. */
export function chatPrompt(chars: number, more: JsonObject = {}): Wire {
  return {
    format: 'openai-chat',
    body: { model: 'gpt-x', messages: [{ role: 'user', content: 'x'.repeat(chars) }], ...more },
  };
}
