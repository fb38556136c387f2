import {
  type ChatRequest,
  type HttpProvider,
  type JsonObject,
  Notes,
  type ProviderCall,
  type TargetContext,
  ToolNames,
} from '@signalbox/kit';

export const PLAIN: ChatRequest = {
  model: 'asked-for',
  stream: false,
  system: [{ type: 'text', text: 'Be brief.' }],
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello.' }] }],
  tools: [],
  maxOutputTokens: 1000,
};

export function createCall(given: Partial<ProviderCall> & { model: string }): ProviderCall {
  return {
    operation: 'chat',
    stream: false,
    lane: 'canonical',
    clientFormat: 'anthropic-messages',
    headers: {},
    principal: { id: 'me' },
    notes: new Notes(),
    request: PLAIN,
    ...given,
  };
}

/** The body of a call before it is adapted, with what its encoder noted. */
export function encodeBody(
  provider: HttpProvider,
  request: ChatRequest,
  model: string,
): { body: JsonObject; notes: Notes; target: TargetContext } {
  const { format, reasoningOrigin = format.id, toolNames } = provider;
  const target: TargetContext = {
    model,
    notes: new Notes(),
    toolNames: new ToolNames(toolNames),
    reasoningOrigin,
    enforceStopSequences: () => {},
  };
  return { body: format.encodeRequest(request, target), notes: target.notes, target };
}
