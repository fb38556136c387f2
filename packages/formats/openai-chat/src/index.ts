export {
  compatibleDialect,
  type Dialect,
  type DialectOptions,
  type ErrorMeaning,
  openaiDialect,
  type ToolChoiceKind,
} from './dialect.ts';
export { type OpenAiChat, openaiChat, openaiChat as default } from './format.ts';
export { decodeUsage } from './usage.ts';
