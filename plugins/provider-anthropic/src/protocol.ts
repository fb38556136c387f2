import type { ChatRequest, ProviderCall } from '@signalbox/kit';

const SAMPLING_VERSION = '2023-06-01';
const ANTHROPIC_FORMAT = 'anthropic-messages';

/** Headers that an Anthropic client addresses to the API itself. */
const FORWARDED = ['anthropic-workspace-id', 'anthropic-user-profile-id'] as const;

/** Which beta a canonical field travels under, for clients that cannot name it themselves. */
const FIELD_BETAS: readonly [beta: string, isUsed: (request: ChatRequest) => boolean][] = [
  ['effort-2025-11-24', ({ reasoning }) => reasoning?.effort !== undefined && reasoning.effort !== 'none'],
  [
    'structured-outputs-2025-12-15',
    ({ responseFormat, tools }) =>
      responseFormat?.type === 'json-schema' || tools.some((tool) => tool.type === 'function' && tool.strict === true),
  ],
  [
    'mid-conversation-system-2026-04-07',
    ({ messages }) => messages.some(({ role }, index) => role === 'system' && messages[index - 1]?.role === 'user'),
  ],
];

/**
 * Version, betas and account headers of one call. An Anthropic client's own go on verbatim, because its body was written
 * for them; a request of another format names the betas of what it uses.
 */
export function protocolHeaders(
  call: ProviderCall,
  version: string,
  ownBeta: string | undefined,
): Record<string, string> {
  const fromAnthropicClient = call.clientFormat === ANTHROPIC_FORMAT;
  const headers: Record<string, string> = {
    'anthropic-version': fromAnthropicClient
      ? (call.headers['anthropic-version'] ?? version)
      : versionFor(call.request, version),
  };
  const betas = fromAnthropicClient ? listOf(call.headers['anthropic-beta']) : neededBetas(call.request);
  if (ownBeta !== undefined && !betas.includes(ownBeta)) betas.push(ownBeta);
  if (betas.length > 0) headers['anthropic-beta'] = betas.join(',');
  if (!fromAnthropicClient) return headers;
  for (const name of FORWARDED) {
    const value = call.headers[name];
    if (value !== undefined) headers[name] = value;
  }
  return headers;
}

/** The newer version refuses sampling parameters whatever their value. */
function versionFor({ temperature, topP, topK }: ChatRequest, version: string): string {
  return temperature === undefined && topP === undefined && topK === undefined ? version : SAMPLING_VERSION;
}

function neededBetas(request: ChatRequest): string[] {
  return FIELD_BETAS.filter(([, isUsed]) => isUsed(request)).map(([beta]) => beta);
}

function listOf(header: string | undefined): string[] {
  return header === undefined
    ? []
    : header
        .split(',')
        .map((beta) => beta.trim())
        .filter((beta) => beta !== '');
}
