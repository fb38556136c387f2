import type { ChatRequest } from '@signalbox/kit';

export const PLAIN: ChatRequest = {
  model: 'asked-for',
  stream: false,
  system: [{ type: 'text', text: 'Be brief.' }],
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello.' }] }],
  tools: [],
  maxOutputTokens: 1000,
};
