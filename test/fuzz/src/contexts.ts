import {
  type ChatRequest,
  type ClientContext,
  estimatePromptTokens,
  type Format,
  Notes,
  type TargetContext,
  ToolNames,
} from '@signalbox/kit';

/** A provider's side of one call. */
export function newTarget(format: Format, model: string): TargetContext {
  const origin = ORIGINS[format.id] ?? format.id;
  return {
    model,
    notes: new Notes(),
    toolNames: new ToolNames(),
    reasoningOrigin: origin,
    enforceStopSequences: () => {},
  };
}

/** Whose state is genuine in a format. */
const ORIGINS: Readonly<Record<string, string>> = { 'anthropic-messages': 'anthropic', 'openai-responses': 'openai' };

/** A client's side of one exchange. */
export function newClient(request: ChatRequest): ClientContext {
  return {
    model: request.model,
    id: 'sbx_fuzz',
    headers: {},
    notes: new Notes(),
    request,
    estimatePromptTokens: () => estimatePromptTokens(request),
  };
}

type Decoding = Parameters<Format['decodeRequest']>[1];

/** What the server says beside a body: for a format whose paths say it, the model and whether it streams. */
export function newDecoding(format: Format, stream = false): Decoding {
  const said = format.modelInBody === false ? { model: 'asked-for', stream } : {};
  return { headers: {}, notes: new Notes(), operation: 'chat', ...said };
}
