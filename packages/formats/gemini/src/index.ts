export { type GeminiDialect, geminiDialect, vertexDialect } from './dialect.ts';
export { gemini, gemini as default } from './format.ts';
export { geminiTraits } from './model-traits.ts';
export { decodeModels } from './models.ts';
export { MARK as REASONING_MARK, type SignatureStore } from './thought-signature.ts';
