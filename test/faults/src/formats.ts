import anthropicMessages from '@signalbox/format-anthropic-messages';
import openaiChat from '@signalbox/format-openai-chat';
import type { Plugin } from '@signalbox/kit';

/** All client formats that there are. */
export const formats: readonly Plugin[] = [anthropicMessages, openaiChat];
