import {
  type ChatRequest,
  type FidelityNote,
  type HttpProvider,
  isLocalProvider,
  type JsonObject,
  Notes,
  type Plugin,
  type ProviderCall,
  ToolNames,
} from '@signalbox/kit';
import { applyPlugin, type FakeHost } from '@signalbox/testkit';

/** A provider as the plugin makes it of complete options. */
export async function createProvider(plugin: Plugin, options: JsonObject, host?: FakeHost): Promise<HttpProvider> {
  const [provider] = (await applyPlugin(plugin, options, host)).providers.values();
  if (provider === undefined || isLocalProvider(provider))
    throw new TypeError('this plugin adds no provider over HTTP');
  return provider;
}

/** What one call puts on the wire, in the canonical lane. */
export interface Sent {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
  readonly notes: readonly FidelityNote[];
  /** Stop sequences left to the gateway. */
  readonly enforced: readonly string[];
}

/** Makes a call as the gateway does, up to the socket. */
export function send(provider: HttpProvider, request: ChatRequest, given: Partial<ProviderCall> = {}): Sent {
  const call = callOf(request, given);
  const { format, reasoningOrigin = format.id, toolNames } = provider;
  let enforced: readonly string[] = [];
  const encoded = format.encodeRequest(request, {
    model: call.model,
    notes: call.notes,
    toolNames: new ToolNames(toolNames),
    reasoningOrigin,
    enforceStopSequences: (sequences) => {
      enforced = sequences;
    },
  });
  const body = provider.adaptBody?.(encoded, call) ?? encoded;
  return { ...provider.endpoint(call), body, notes: call.notes.list, enforced };
}

export function callOf(request: ChatRequest, given: Partial<ProviderCall> = {}): ProviderCall {
  return {
    operation: 'chat',
    model: request.model,
    stream: request.stream,
    lane: 'canonical',
    clientFormat: 'anthropic-messages',
    headers: {},
    principal: { id: 'me' },
    notes: new Notes(),
    request,
    ...given,
  };
}

export function userRequest(model: string, more: Partial<ChatRequest> = {}): ChatRequest {
  const messages = [{ role: 'user', content: [{ type: 'text', text: 'Hello.' }] }] as const;
  return { model, stream: false, system: [], messages, tools: [], ...more };
}

/** A tool turn in progress, with everything that Claude Code puts into one. */
export function agentRequest(model: string, more: Partial<ChatRequest> = {}): ChatRequest {
  return {
    model,
    stream: true,
    system: [
      { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.197.abc; cc_entrypoint=cli;' },
      { type: 'text', text: 'You are an agent.', cacheControl: {} },
    ],
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'Read both files.' }] },
      { role: 'system', content: [{ type: 'text', text: 'Be brief.' }] },
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Two files, two reads.', state: { origin: 'anthropic', data: 'c2lnbmVk' } },
          { type: 'text', text: 'Reading.' },
          { type: 'tool-call', id: 'toolu_1', name: 'Read', input: { path: 'a' }, rawInput: '{"path":"a"}' },
          { type: 'tool-call', id: 'toolu_2', name: 'Read', input: { path: 'b' }, rawInput: '{"path":"b"}' },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool-result', callId: 'toolu_2', content: [{ type: 'text', text: 'no such file' }], isError: true },
          { type: 'tool-result', callId: 'toolu_1', content: [{ type: 'text', text: 'A' }] },
          { type: 'text', text: 'Go on.', cacheControl: {} },
        ],
      },
    ],
    tools: [
      {
        type: 'function',
        name: 'Read',
        description: 'Reads a file.',
        inputSchema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
      },
    ],
    maxOutputTokens: 32_000,
    reasoning: { mode: 'adaptive', effort: 'high' },
    userId: '{"device_id":"d","session_id":"s"}',
    extensions: { 'anthropic-messages': { context_management: { edits: [] } } },
    ...more,
  };
}
