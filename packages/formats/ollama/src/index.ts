export { ollama, ollama as default } from './format.ts';
export { isGenerate } from './generate.ts';
