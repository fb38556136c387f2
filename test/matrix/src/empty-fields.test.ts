import { describe, expect, it } from '@jest/globals';
import { anthropicMessages } from '@signalbox/format-anthropic-messages';
import { gemini } from '@signalbox/format-gemini';
import { ollama } from '@signalbox/format-ollama';
import { openaiChat } from '@signalbox/format-openai-chat';
import { openaiResponses } from '@signalbox/format-openai-responses';
import { type FidelityNote, type Format, type JsonObject, Notes, ToolNames } from '@signalbox/kit';

const FORMATS: readonly Format[] = [anthropicMessages, openaiChat, openaiResponses, gemini, ollama];
const [MESSAGES, CHAT, RESPONSES, GEMINI, OLLAMA] = FORMATS as [Format, Format, Format, Format, Format];

const SCHEMA = { type: 'object', properties: {} };
const said = (role: string, more: object = {}) => ({ role, content: 'Hi', ...more });

/** A body of a format with a field that asks for nothing, beside the same body without it. */
type Row = readonly [format: Format, empty: object, without?: object];

const each = (format: Format, ...fields: object[]): Row[] => fields.map((empty) => [format, empty]);
const within = (format: Format, around: (more: object) => object, ...fields: object[]): Row[] =>
  fields.map((more) => [format, around(more), around({})]);

const ROWS: readonly Row[] = [
  ...each(
    MESSAGES,
    { context_management: { edits: [] } },
    { context_management: {} },
    { context_management: null },
    { mcp_servers: [] },
    { metadata: {} },
    { metadata: { user_id: null } },
    { metadata: null },
    { tools: [] },
    { tool_choice: null },
    { stop_sequences: [] },
    { system: [] },
    { system: '' },
    { thinking: null },
    { output_config: {} },
    { output_format: null },
    { container: null },
    { cache_control: null },
    { service_tier: null },
    { betas: [] },
  ),
  ...within(
    MESSAGES,
    (more) => ({ messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', ...more }] }] }),
    { citations: null },
    { citations: [] },
    { cache_control: null },
  ),
  ...within(
    MESSAGES,
    (more) => ({ tools: [{ name: 'look', input_schema: SCHEMA, ...more }] }),
    { cache_control: null },
    { input_examples: [] },
    { allowed_callers: [] },
    { strict: null },
    { description: null },
  ),
  ...each(
    CHAT,
    { tools: [] },
    { tools: null },
    { functions: [] },
    { function_call: null },
    { tool_choice: null },
    { stop: null },
    { stop: [] },
    { response_format: null },
    { metadata: {} },
    { metadata: null },
    { logit_bias: {} },
    { modalities: [] },
    { stream_options: null },
    { stream_options: {} },
    { prediction: null },
    { audio: null },
    { web_search_options: null },
    { prompt_cache_options: {} },
    { plugins: [] },
    { transforms: [] },
    { models: [] },
    { provider: {} },
    { provider: null },
    { reasoning: {} },
    { seed: null },
    { user: null },
    { n: null },
  ),
  ...within(
    CHAT,
    (more) => ({ messages: [said('user'), said('assistant', more), said('user')] }),
    { tool_calls: [] },
    { tool_calls: null },
    { function_call: null },
    { refusal: null },
    { annotations: [] },
    { audio: null },
    { name: null },
    { reasoning: null },
    { reasoning_content: null },
    { reasoning_details: [] },
    { images: [] },
  ),
  ...within(
    CHAT,
    (more) => ({ messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi', ...more }] }] }),
    { annotations: [] },
    { cache_control: null },
  ),
  ...within(
    CHAT,
    (more) => ({ tools: [{ type: 'function', function: { name: 'look', parameters: SCHEMA, ...more } }] }),
    { strict: null },
    { description: null },
  ),
  ...each(
    RESPONSES,
    { include: [] },
    { include: null },
    { tools: [] },
    { tool_choice: null },
    { metadata: {} },
    { metadata: null },
    { text: {} },
    { text: null },
    { reasoning: {} },
    { reasoning: { effort: null, summary: null, generate_summary: null } },
    { prompt: null },
    { conversation: null },
    { previous_response_id: null },
    { context_management: [] },
    { context_management: null },
    { stream_options: {} },
    { stream_options: null },
    { prompt_cache_options: {} },
    { client_metadata: {} },
    { moderation: null },
    { instructions: null },
    { instructions: '' },
    { service_tier: null },
    { truncation: null },
    { top_logprobs: null },
    { max_tool_calls: null },
    { user: null },
  ),
  ...within(
    RESPONSES,
    (more) => ({
      input: [
        { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hi', ...more }] },
        said('user'),
      ],
    }),
    { annotations: [] },
    { annotations: null },
    { logprobs: [] },
    { logprobs: null },
  ),
  ...within(
    RESPONSES,
    (more) => ({ tools: [{ type: 'function', name: 'look', parameters: SCHEMA, strict: false, ...more }] }),
    { description: null },
    { defer_loading: null },
  ),
  ...each(
    GEMINI,
    { safetySettings: [] },
    { safetySettings: null },
    { tools: [] },
    { tools: [{ functionDeclarations: [] }] },
    { toolConfig: {} },
    { toolConfig: { functionCallingConfig: {} } },
    { toolConfig: { functionCallingConfig: { allowedFunctionNames: [] } } },
    { toolConfig: { retrievalConfig: null } },
    { generationConfig: {} },
    { generationConfig: null },
    { generationConfig: { stopSequences: [] } },
    { generationConfig: { responseModalities: [] } },
    { generationConfig: { thinkingConfig: {} } },
    { generationConfig: { responseSchema: null, speechConfig: null, mediaResolution: null } },
    { systemInstruction: null },
    { systemInstruction: { parts: [] } },
    { cachedContent: null },
    { labels: {} },
  ),
  ...within(
    GEMINI,
    (more) => ({ contents: [{ role: 'user', parts: [{ text: 'Hi', ...more }] }] }),
    { thought: null },
    { thoughtSignature: null },
    { partMetadata: {} },
  ),
  ...each(
    OLLAMA,
    { tools: [] },
    { tools: null },
    { options: {} },
    { options: null },
    { options: { stop: [] } },
    { options: { stop: null } },
    { format: null },
    { format: '' },
    { think: null },
    { keep_alive: null },
    { logprobs: null },
    { top_logprobs: null },
    { template: null },
    { context: [] },
  ),
  ...within(
    OLLAMA,
    (more) => ({ messages: [said('user'), said('assistant', more), said('user')] }),
    { images: [] },
    { images: null },
    { tool_calls: [] },
    { tool_calls: null },
    { thinking: '' },
    { thinking: null },
    { tool_name: null },
  ),
];

const BODIES: Readonly<Record<string, object>> = {
  [MESSAGES.id]: { model: 'm', max_tokens: 100, messages: [said('user')] },
  [CHAT.id]: { model: 'm', max_tokens: 100, messages: [said('user')] },
  [RESPONSES.id]: { model: 'm', max_output_tokens: 100, input: [said('user')] },
  [GEMINI.id]: { model: 'm', contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
  [OLLAMA.id]: { model: 'm', messages: [said('user')], stream: false },
};

/** What is noted of a client's body on its way to each of the other formats. */
function notesOf(format: Format, fields: object): Record<string, readonly FidelityNote[]> {
  const body = { ...BODIES[format.id], ...fields } as JsonObject;
  const decoding = new Notes();
  const request = format.decodeRequest(body, { headers: {}, notes: decoding });
  const noted: Record<string, readonly FidelityNote[]> = {};
  for (const other of FORMATS) {
    if (other === format) continue;
    const notes = new Notes();
    notes.addAll(decoding.list);
    other.encodeRequest(request, {
      model: 'm',
      notes,
      toolNames: new ToolNames(),
      reasoningOrigin: other.id,
      enforceStopSequences: () => {},
    });
    noted[other.id] = notes.list;
  }
  return noted;
}

describe('what asks for nothing is not noted', () => {
  it.each(
    ROWS.map(([format, empty, without = {}]) => ({
      id: format.id,
      format,
      empty,
      without,
      name: JSON.stringify(empty),
    })),
  )('$id $name', ({ format, empty, without }) => {
    expect(notesOf(format, empty)).toEqual(notesOf(format, without));
  });
});
