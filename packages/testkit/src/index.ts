export { anthropicTurn } from './anthropic-turn.ts';
export { type ConversationOptions, conversation, reply } from './conversation.ts';
export { type FakeExchangeOptions, fakeExchange } from './fake-exchange.ts';
export { applyPlugin, type FakeHost, type FakeTap, fakeHost } from './fake-host.ts';
export { geminiTurn } from './gemini-turn.ts';
export { checkGrammar } from './grammar.ts';
export { type OllamaTurn, ollamaTurn } from './ollama-turn.ts';
export { type OpenaiChatTurnOptions, openaiChatTurn } from './openai-chat-turn.ts';
export { type FormatTurn, formatTurn } from './own-format.ts';
export { callOf, createProvider, type Sent, send } from './provider-call.ts';
export { errorFrame, htmlError, type ProviderErrorOptions, providerError } from './provider-error.ts';
export * from './responders.ts';
export { responsesTurn } from './responses-turn.ts';
export { agentRequest, userRequest } from './sample-requests.ts';
export * from './schema-refusals/index.ts';
export {
  type RequestMatch,
  type ScriptedProvider,
  type ScriptedProviderOptions,
  startScriptedProvider,
} from './scripted-provider.ts';
export type { RecordedRequest } from './scripted-request.ts';
export type { Turn, TurnEnvelope, TurnToolCall, WireTurn } from './turn.ts';
export type { Cut, Wire } from './wire.ts';
export { formatOf, modelOf, type WireFormat } from './wire-format.ts';
