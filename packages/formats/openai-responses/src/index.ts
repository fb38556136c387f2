export { type ResponsesDialect, type ResponsesDialectOptions, responsesDialect } from './dialect.ts';
export { type OpenAiResponses, openaiResponses, openaiResponses as default } from './format.ts';
export { MADE_UP as madeUpIdMark } from './reasoning-items.ts';
export {
  mayBeStored,
  previousResponseOf,
  type RememberedTurn,
  rememberTurn,
  withRemembered,
} from './remembered-turns.ts';
export { responseId } from './response-object.ts';
export { decodeUsage } from './usage.ts';
