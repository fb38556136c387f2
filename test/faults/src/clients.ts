/** A client format as the wall sees it: how to ask, and how to tell from the raw bytes what a client would believe. */
export interface ClientKind {
  readonly id: string;
  readonly path: (stream: boolean) => string;
  readonly headers: Readonly<Record<string, string>>;
  body(stream: boolean): object;
  /** The parts of an answer's bytes that a client shows. */
  visible(raw: string): string;
  /** The bytes hold this format's mark of success. */
  readonly success: RegExp;
  /** The bytes hold an error in this format. */
  readonly error: RegExp;
}

const QUESTION = 'Say the words.';

export const anthropicClient: ClientKind = {
  id: 'anthropic-messages',
  path: () => '/v1/messages',
  headers: { 'anthropic-version': '2023-06-01', 'x-api-key': 'client' },
  body: (stream) => ({
    model: 'asked-for',
    max_tokens: 100,
    stream,
    messages: [{ role: 'user', content: QUESTION }],
  }),
  visible: (raw) => raw,
  success: /event: message_stop|"stop_reason":"(?:end_turn|refusal)"/,
  error: /"type":"error","error":\{"type":"\w+","message":"[^"]/,
};

export const chatClient: ClientKind = {
  id: 'openai-chat',
  path: () => '/v1/chat/completions',
  headers: { authorization: 'Bearer client' },
  body: (stream) => ({
    model: 'asked-for',
    stream,
    ...(stream ? { stream_options: { include_usage: true } } : {}),
    messages: [{ role: 'user', content: QUESTION }],
  }),
  visible: (raw) => raw,
  success: /data: \[DONE\]|"finish_reason":"(?:stop|content_filter)"/,
  error: /"error":\{"message":"[^"]/,
};

export const clients: readonly ClientKind[] = [anthropicClient, chatClient];
