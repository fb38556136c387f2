import type { ChatRequest } from '@signalbox/kit';
import { ID } from './fields.ts';

/**
 * Whether a request came as a single prompt and can still be sent as one: then this format encodes it for `/api/generate`,
 * and the provider's URL must be that. Everything else is a chat.
 */
export function isGenerate({ extensions, messages, tools }: ChatRequest): boolean {
  if (extensions?.[ID]?.$generate !== true || messages.length > 1 || tools.length > 0) return false;
  const [only] = messages;
  return only === undefined || (only.role === 'user' && only.content.every(isPromptPart));
}

function isPromptPart({ type }: { readonly type: string }): boolean {
  return type === 'text' || type === 'image';
}
