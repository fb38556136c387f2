export { MADE_UP as madeUpIdMark } from '@signalbox/kit';
export { type ResponsesDialect, type ResponsesDialectOptions, responsesDialect } from './dialect.ts';
export { type OpenAiResponses, openaiResponses, openaiResponses as default } from './format.ts';
export { responseQuestions } from './ingress.ts';
export { referredId } from './item-reference.ts';
export { unknownItem, unknownResponse } from './refusal.ts';
export { keepResponse, type ResponseKeeper } from './response-keeper.ts';
export { decodeUsage } from './usage.ts';
