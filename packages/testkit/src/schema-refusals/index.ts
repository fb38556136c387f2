export { anthropicRefusals } from './anthropic.ts';
export { geminiJsonRefusals, geminiRefusals } from './gemini.ts';
export { openaiRefusals } from './openai.ts';
