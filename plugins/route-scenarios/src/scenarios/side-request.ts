import type { ChatRequest } from '@signalbox/kit';
import type { Evidence, Marks } from '../evidence.ts';

/** How the small jobs of Claude Code 2.1 begin. They come under the main model's name unless the user named a small one. */
const TITLE = '<session>';
const WEB_PAGE = '\nWeb page content:\n---';
const CLASSIFIER = 'You are a security monitor';
const HOOK = 'You are evaluating a stop-condition hook';
const MARKS: Marks = {
  'anthropic-messages': [TITLE, WEB_PAGE, CLASSIFIER, HOOK].map((start) => JSON.stringify(start).slice(0, -1)),
  'openai-chat': [],
};
/** Whatever has a function for the model to call is no small job. */
const FUNCTIONS: Marks = { 'anthropic-messages': ['"input_schema"'] };

/** Names the small job; `undefined` for anything else, the one-token probe of a new main model among it. */
export function sideRequest(evidence: Evidence): string | undefined {
  if (evidence.exchange.format !== 'anthropic-messages' || evidence.mayHold(FUNCTIONS)) return undefined;
  if (!evidence.mayHold(MARKS)) return undefined;
  const { request } = evidence;
  if (request === undefined || request.tools.length > 0) return undefined;
  if (isTitle(request)) return 'a title for the session';
  if (opening(request)?.startsWith(WEB_PAGE) === true) return 'the summary of a web page';
  if (!request.stream && hasSystem(request, CLASSIFIER)) return 'the safety check of a tool call';
  return hasSystem(request, HOOK) ? 'the check of a stop condition' : undefined;
}

function isTitle(request: ChatRequest): boolean {
  const { responseFormat } = request;
  if (responseFormat?.type !== 'json-schema') return false;
  const keys = Object.keys(responseFormat.schema.properties ?? {});
  return keys.length === 1 && keys[0] === 'title' && opening(request)?.startsWith(TITLE) === true;
}

/** The text of a request that has one message only. */
function opening({ messages }: ChatRequest): string | undefined {
  const block = messages.length === 1 ? messages[0]?.content[0] : undefined;
  return block?.type === 'text' ? block.text : undefined;
}

function hasSystem({ system }: ChatRequest, start: string): boolean {
  return system.some(({ text }) => text.startsWith(start));
}
