import type { RecordedRequest } from './scripted-request.ts';

/** The formats that scripted turns are built in. */
export type WireFormat = 'anthropic-messages' | 'openai-chat' | 'openai-responses' | 'gemini' | 'ollama';

const CHAT_PATHS: readonly (readonly [RegExp, WireFormat])[] = [
  [/\/messages$/, 'anthropic-messages'],
  [/\/chat\/completions$/, 'openai-chat'],
  [/\/responses$/, 'openai-responses'],
  [/:(generateContent|streamGenerateContent)$/, 'gemini'],
  [/\/api\/chat$/, 'ollama'],
];

/** The format of a chat request, by its path; `undefined` for everything else. */
export function formatOf({ method, path }: Pick<RecordedRequest, 'method' | 'path'>): WireFormat | undefined {
  return method === 'POST' ? CHAT_PATHS.find(([pattern]) => pattern.test(path))?.[1] : undefined;
}

/** The format that any request speaks, also one that asks for models or counts tokens. */
export function dialectOf({ path, headers }: RecordedRequest): WireFormat {
  if (/\/messages(\/|$)/.test(path) || headers['anthropic-version'] !== undefined) return 'anthropic-messages';
  if (/\/responses(\/|$)/.test(path)) return 'openai-responses';
  if (/\/models\/.+:\w+$/.test(path) || headers['x-goog-api-key'] !== undefined) return 'gemini';
  return /^\/api\/(chat|generate|show|tags|ps|version|embed|embeddings)$/.test(path) ? 'ollama' : 'openai-chat';
}

/** Whether a chat request wants a stream: a word in its body, in its path, or unsaid. */
export function wantsStream(request: RecordedRequest): boolean {
  const format = formatOf(request);
  if (format === 'gemini') return request.path.endsWith(':streamGenerateContent');
  return format === 'ollama' ? request.body?.stream !== false : request.body?.stream === true;
}

/** The model that a chat request asks for: in its body, or in its path. */
export function modelOf({ body, path }: RecordedRequest): string {
  if (typeof body?.model === 'string') return body.model;
  const named = /\/models\/(.+):\w+$/.exec(path)?.[1];
  return named === undefined ? 'scripted-model' : decodeURIComponent(named);
}

export const NDJSON_TYPE = 'application/x-ndjson';
