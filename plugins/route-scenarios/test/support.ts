import { anthropicMessages } from '@signalbox/format-anthropic-messages';
import { openaiChat } from '@signalbox/format-openai-chat';
import { estimatePromptTokens, formatTarget, type JsonObject, type LocalProvider, Notes } from '@signalbox/kit';
import { applyPlugin, fakeExchange, fakeHost } from '@signalbox/testkit';
import scenarios from '../src/index.ts';

const FORMATS = { 'anthropic-messages': anthropicMessages, 'openai-chat': openaiChat };
const silent: LocalProvider = {
  answer: () => ({ kind: 'whole', message: { content: [], stopReason: 'end-turn' } }),
};

export interface Wire {
  readonly body: JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
  readonly format?: keyof typeof FORMATS;
  /** What goes wrong inside of the decoder. */
  readonly fault?: Error;
}

export interface Decision {
  readonly target: string | undefined;
  readonly reason: string;
  /** How often the request was decoded, or was tried to be. */
  readonly decodes: number;
}

/** A router with these options in front of bodies as clients send them. `to/…` and `from/…` are providers. */
export async function router(options: JsonObject) {
  const host = fakeHost();
  for (const name of ['to', 'from']) host.addProvider(name, silent);
  await applyPlugin(scenarios, { backgroundModels: ['*haiku*'], models: {}, default: 'to/default', ...options }, host);
  await host.hooks.ready.promise();
  return async ({ body, headers = {}, format = 'anthropic-messages', fault }: Wire): Promise<Decision> => {
    let decodes = 0;
    const decoded = () => {
      decodes++;
      if (fault !== undefined) throw fault;
      return FORMATS[format].decodeRequest(body, { headers, notes: new Notes() });
    };
    const plain = fakeExchange({ format, headers, model: String(body.model), stream: body.stream === true });
    const exchange = Object.defineProperties(
      {
        ...plain,
        rawBody: Buffer.from(JSON.stringify(body)),
        estimatePromptTokens: () => estimatePromptTokens(decoded()),
      },
      { request: { get: decoded } },
    );
    const plan = await host.hooks.route.promise(undefined, exchange);
    return { target: plan?.targets.map(formatTarget).join(), reason: plan?.reason ?? '', decodes };
  };
}

/** The one option set, its target named like the scenario: `to/<name>`. */
export async function targetWith(options: JsonObject, wire: Wire): Promise<string | undefined> {
  return (await (await router(options))(wire)).target;
}

export const TOOLS = [{ name: 'Read', description: 'Reads.', input_schema: { type: 'object', properties: {} } }];

/** A Messages body. */
export function messages(more: JsonObject = {}): JsonObject {
  return { model: 'claude-x', max_tokens: 100, messages: [{ role: 'user', content: 'Hello.' }], ...more };
}

/** A Chat Completions body. */
export function chat(more: JsonObject = {}): JsonObject {
  return { model: 'gpt-x', messages: [{ role: 'user', content: 'Hello.' }], ...more };
}

/** A user message with these blocks. */
export function user(...content: readonly JsonObject[]): JsonObject {
  return { role: 'user', content: [...content] };
}

export function text(value: string): JsonObject {
  return { type: 'text', text: value };
}
