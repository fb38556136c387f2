import anthropicMessages from '@signalbox/format-anthropic-messages';
import gemini from '@signalbox/format-gemini';
import ollama from '@signalbox/format-ollama';
import openaiChat from '@signalbox/format-openai-chat';
import openaiResponses from '@signalbox/format-openai-responses';
import type { Plugin } from '@signalbox/kit';

/** The formats of all clients, as plugins. */
export const formats: readonly Plugin[] = [anthropicMessages, openaiChat, openaiResponses, gemini, ollama];
