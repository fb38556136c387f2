import type { FidelityNote } from '@signalbox/kit';

/** What a wire format really cannot say. Everything that is not in this list must be served in full. */
export interface Exception {
  readonly scenarios: readonly string[];
  /** Ids of formats; `undefined`: all. */
  readonly clients?: readonly string[];
  readonly providers?: readonly string[];
  readonly stream?: boolean;
  /** Why, for the reader of the table. */
  readonly reason: string;
  /** There are no words for it in the client's format, or in the provider's: nothing is asked. */
  readonly unasked?: true;
  /** The path of the note that the receipt must have. */
  readonly note?: RegExp;
  /** Topics of checks that cannot hold. */
  readonly waives?: readonly string[];
}

const ANTHROPIC = 'anthropic-messages';
const CHAT = 'openai-chat';
const RESPONSES = 'openai-responses';
const GEMINI = 'gemini';
const OLLAMA = 'ollama';

export const exceptions: readonly Exception[] = [
  {
    scenarios: ['tool result with image'],
    clients: [ANTHROPIC, RESPONSES, GEMINI],
    providers: [CHAT, OLLAMA],
    reason: 'Results hold text alone there: the image follows in a user message.',
    note: /^messages\[2\]\.content\[0\]$/,
  },
  {
    scenarios: [
      ...['one tool', 'parallel tools', 'tool error', 'tool result with image'],
      ...['strict schema', 'recursive schema'],
    ],
    clients: [OLLAMA],
    providers: [GEMINI],
    reason: 'Ollama’s client has no place for the signature of Gemini’s calls: the gateway keeps it for the next turn.',
    note: /^content\[[01]\]$/,
  },
  {
    scenarios: ['document in'],
    clients: [OLLAMA],
    reason: 'Ollama has no documents: a client cannot send one.',
    unasked: true,
  },
  {
    scenarios: ['document in'],
    clients: [ANTHROPIC, CHAT, RESPONSES, GEMINI],
    providers: [OLLAMA],
    reason: 'Ollama has no documents: the model reads that there was one.',
    note: /^messages\[0\]\.content\[1\]$/,
    waives: ['document'],
  },
  {
    scenarios: ['reasoning round trip'],
    clients: [OLLAMA],
    providers: [ANTHROPIC, RESPONSES],
    reason: 'Ollama’s client has no place for signatures, and reasoning without one does not go back.',
    note: /^(?:content\[0\]|messages\[1\]\.content\[0\])$/,
    waives: ['returned', 'signature'],
  },
  {
    scenarios: ['reasoning round trip'],
    clients: [OLLAMA],
    providers: [GEMINI],
    reason:
      'Ollama’s client has no place for signatures: the gateway keeps that of a call; that of a text, and the words of ' +
      'the reasoning, do not go back.',
    note: /^(?:content\[[012]\]|messages\[1\]\.content\[0\])$/,
    waives: ['returned', 'signature'],
  },
  {
    scenarios: ['reasoning round trip'],
    clients: [CHAT],
    providers: [GEMINI],
    stream: false,
    reason: 'Chat keeps reasoning apart from the text, so a signature that stands on a text has lost its place.',
    note: /^messages\[1\]\.content\[1\]$/,
    waives: ['signature'],
  },
  {
    scenarios: ['stop sequence'],
    clients: [RESPONSES],
    reason: 'Responses have no stop sequences: a client cannot ask for one.',
    unasked: true,
  },
  {
    scenarios: ['stop sequence'],
    providers: [RESPONSES],
    reason: 'Responses have no stop sequences: the gateway ends the answer at the first one.',
    note: /^stopSequences$/,
    waives: ['stop'],
  },
  {
    scenarios: ['stop sequence'],
    clients: [ANTHROPIC],
    providers: [CHAT, GEMINI, OLLAMA],
    reason: 'The provider does not tell a stop sequence from the end of an answer, so the client hears of an end.',
    waives: ['ending'],
  },
  {
    scenarios: ['refusal'],
    providers: [OLLAMA],
    reason: 'Ollama’s models decline in words alone: there is no mark of it.',
    unasked: true,
  },
  {
    scenarios: ['refusal'],
    clients: [OLLAMA],
    providers: [ANTHROPIC, CHAT, RESPONSES, GEMINI],
    reason: 'Ollama has no mark for a refusal: its client reads the words alone.',
    note: /^stopReason$/,
    waives: ['ending'],
  },
  {
    scenarios: ['usage with cache'],
    providers: [OLLAMA],
    reason: 'Ollama counts prompt and answer as wholes: nothing of a cache, nothing of reasoning.',
    waives: ['cached', 'cache log', 'written', 'thought'],
  },
  {
    scenarios: ['usage with cache'],
    clients: [OLLAMA],
    providers: [ANTHROPIC, CHAT, RESPONSES, GEMINI],
    reason: 'An Ollama client is told of prompt and answer as wholes: nothing of a cache, nothing of reasoning.',
    note: /^usage\.(?:cacheRead|cacheWrite|reasoning)Tokens$/,
    waives: ['cached', 'written', 'thought'],
  },
  {
    scenarios: ['usage with cache'],
    clients: [ANTHROPIC, CHAT, RESPONSES, GEMINI],
    providers: [GEMINI],
    reason: 'Gemini does not say what goes into a cache.',
    waives: ['written'],
  },
  {
    scenarios: ['usage with cache'],
    clients: [GEMINI],
    providers: [ANTHROPIC, CHAT, RESPONSES],
    reason: 'A Gemini client cannot be told what goes into a cache.',
    note: /^usage\.cacheWriteTokens$/,
    waives: ['written'],
  },
  ...[ANTHROPIC, CHAT, RESPONSES, GEMINI].map((format) => ({
    scenarios: format === GEMINI ? ['strict schema'] : ['strict schema', 'recursive schema'],
    clients: [format],
    providers: [format],
    reason: 'What a client wrote in the provider’s own format passes through: the refusal of such a schema is its own.',
    unasked: true as const,
  })),
  {
    scenarios: ['strict schema'],
    providers: [ANTHROPIC, CHAT, RESPONSES, GEMINI],
    reason: 'No provider knows all keywords: descriptions say the others.',
    note: /^(?:tools\[0\]\.inputSchema|responseFormat\.schema)$/,
  },
  {
    scenarios: ['strict schema', 'recursive schema'],
    clients: [ANTHROPIC, CHAT, RESPONSES, GEMINI],
    providers: [OLLAMA],
    reason:
      'Ollama has no strict tools, and reads little of their schemas: descriptions say what they can of the rest.',
    note: /^tools\[0\]\.(?:strict|inputSchema)$/,
  },
  {
    scenarios: ['recursive schema'],
    providers: [ANTHROPIC],
    reason:
      'Anthropic’s strict schemas cannot recurse: the tool is not strict, and the schema of the answer is in the system prompt.',
    note: /^(?:tools\[0\]\.(?:strict|inputSchema)|responseFormat)$/,
  },
  {
    scenarios: ['recursive schema'],
    providers: [CHAT, RESPONSES],
    reason:
      'Strict schemas are closed and require all properties there: what may be left out may be null, and the client gets no such null.',
    note: /^(?:tools\[0\]\.inputSchema|responseFormat\.schema)$/,
  },
  {
    scenarios: ['count tokens'],
    clients: [CHAT, OLLAMA],
    reason: 'The format has no way to ask for a count.',
    unasked: true,
  },
  {
    scenarios: ['count tokens'],
    clients: [ANTHROPIC, RESPONSES, GEMINI],
    providers: [CHAT, RESPONSES, OLLAMA],
    reason: 'The provider does not count: it is an estimate.',
    waives: ['counted'],
  },
];

/** What providers tell beside an answer, which no other format has a place for. No cell is about it. */
export const asides: readonly { readonly what: string; is(note: FidelityNote): boolean }[] = [
  { what: 'the words of Gemini’s prompt filter', is: ({ path }) => /(?:^|\.)promptFeedback$/.test(path) },
  { what: 'Gemini’s counts by modality', is: ({ path }) => path.endsWith('.promptTokensDetails') },
];
