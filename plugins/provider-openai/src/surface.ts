import type { ProviderCall } from '@signalbox/kit';
import type { OpenAiConfig } from './config.ts';
import { familyOf, isResponsesOnly, isSearchModel } from './families.ts';

export type Surface = 'chat' | 'responses';

type Asked = Pick<ProviderCall, 'clientFormat' | 'model' | 'rawBody' | 'request'>;

/**
 * Which API a call goes to. A client of either keeps its own, byte for byte, as long as the model has it. Others reach
 * models that reason through Responses: only there does reasoning survive from one tool call to the next.
 */
export function surfaceOf(surface: OpenAiConfig['surface'], call: Asked): Surface {
  if (surface !== 'auto') return surface;
  const { clientFormat, model } = call;
  if (clientFormat === 'openai-responses' || isResponsesOnly(model)) return 'responses';
  if (isSearchModel(model)) return 'chat';
  if (asksForSearch(call)) return 'responses';
  const { reasons, toolsExcludeReasoning = false } = familyOf(model);
  if (clientFormat !== 'openai-chat') return reasons ? 'responses' : 'chat';
  return toolsExcludeReasoning && asksForBoth(call) ? 'responses' : 'chat';
}

/** In Chat only its own search models search. A Chat client's body is decoded only if it may ask for that. */
function asksForSearch(call: Asked): boolean {
  if (call.clientFormat === 'openai-chat' && call.rawBody?.includes('"web_search') === false) return false;
  return call.request.tools.some((tool) => tool.type === 'opaque' && tool.webSearch !== undefined);
}

/** Tools beside reasoning, which these models do unless they are told not to. The body is decoded only if it has tools. */
function asksForBoth(call: Asked): boolean {
  if (call.rawBody?.includes('"tools"') === false) return false;
  const { request } = call;
  return request.tools.some(({ type }) => type === 'function') && request.reasoning?.effort !== 'none';
}
