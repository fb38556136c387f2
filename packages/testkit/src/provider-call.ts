import {
  type ChatRequest,
  estimatePromptTokens,
  type FidelityNote,
  type HttpProvider,
  isLocalProvider,
  type JsonObject,
  Notes,
  type Plugin,
  type ProviderCall,
  providerForCall,
  type TargetContext,
  ToolNames,
} from '@signalbox/kit';
import { applyPlugin, type FakeHost } from './fake-host.ts';

/**
 * The HTTP provider that a plugin makes of complete options (defaults are not filled in).
 * @throws {TypeError} for a plugin that adds none, and whatever the plugin throws at its options.
 */
export async function createProvider(plugin: Plugin, options: JsonObject, host?: FakeHost): Promise<HttpProvider> {
  const [provider] = (await applyPlugin(plugin, options, host)).providers.values();
  if (provider === undefined || isLocalProvider(provider))
    throw new TypeError('this plugin adds no provider over HTTP');
  return provider;
}

/** A call for this request, as an Anthropic client's in the canonical lane unless `given` says otherwise. */
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
    estimatePromptTokens: () => estimatePromptTokens(request),
    ...given,
  };
}

/** The body of a call before the provider adapts it. */
export interface EncodedCall {
  readonly body: JsonObject;
  readonly notes: Notes;
  readonly target: TargetContext;
  /** Stop sequences left to the gateway. */
  readonly enforced: readonly string[];
}

export function encodeBody(
  { format, reasoningOrigin = format.id, toolNames }: HttpProvider,
  request: ChatRequest,
  model: string,
  notes: Notes = new Notes(),
): EncodedCall {
  const enforced: string[] = [];
  const target: TargetContext = {
    model,
    notes,
    toolNames: new ToolNames(toolNames),
    reasoningOrigin,
    enforceStopSequences: (sequences) => void enforced.push(...sequences),
  };
  return { body: format.encodeRequest(request, target), notes, target, enforced };
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

/** Makes a call as the gateway does, up to the socket: encoded, adapted, addressed. */
export function send(provider: HttpProvider, request: ChatRequest, given: Partial<ProviderCall> = {}): Sent {
  const call = callOf(request, given);
  const { body: encoded, enforced } = encodeBody(providerForCall(provider, call), request, call.model, call.notes);
  const body = provider.adaptBody?.(encoded, call) ?? encoded;
  return { ...provider.endpoint(call), body, notes: call.notes.list, enforced };
}
