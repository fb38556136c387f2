export type { AnthropicDialect } from './dialect.ts';
export { anthropicMessages, anthropicMessages as default } from './format.ts';
