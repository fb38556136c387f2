import type { ChatRequest } from '@signalbox/kit';

/** The smallest request, with what the test is about. */
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
