import { anthropicMessages } from '@signalbox/format-anthropic-messages';
import { openaiChat } from '@signalbox/format-openai-chat';
import type { Format, HttpProvider, ProviderCall } from '@signalbox/kit';
import { dialect } from './dialect.ts';
import { withOwnLimit } from './own-limit.ts';
import { refineError } from './refine-error.ts';

/** What the gateway writes where a client has room for another provider's reasoning state. */
const CHAT_MARKS = ['"signalbox1.', '"signalbox-anthropic"'];
/** The same for Anthropic clients, and thinking that nobody signed. */
const ANTHROPIC_MARKS = ['"signalbox1.', '"signature":""', '"signature": ""'];
const IS_CLAUDE = /^~?anthropic\/|claude/;

/** One of OpenRouter's surfaces: its format, its path, and how it treats a client's own body. */
export interface Skin extends Pick<HttpProvider, 'format' | 'acceptsVerbatim' | 'refineError' | 'reasoningOrigin'> {
  readonly path: string;
  readonly headers: (call: ProviderCall) => Record<string, string>;
}

const chatFormat = withReplyHeader(openaiChat.with(dialect));

export const chatSkin: Skin = {
  path: '/chat/completions',
  format: chatFormat,
  reasoningOrigin: 'openrouter',
  acceptsVerbatim: ({ rawBody, holdsGatewayMarks }) => holdsGatewayMarks === false || !hasAny(rawBody, CHAT_MARKS),
  refineError: (error, response) => withOwnLimit(refineError(error, response, chatFormat.decodeError), response),
  headers: () => ({}),
};

export const anthropicSkin: Skin = {
  path: '/messages',
  // Other models' prefix caches would suffer from Claude Code's attribution block, which differs per conversation.
  format: withReplyHeader(anthropicMessages.with({ attributionBlock: false })),
  // Signatures of Claude models are Anthropic's own here, and pass-through replies cannot be tagged.
  reasoningOrigin: 'anthropic',
  refineError: withOwnLimit,
  acceptsVerbatim: ({ model, rawBody, holdsGatewayMarks, holdsEmptyStrings }) =>
    IS_CLAUDE.test(model) &&
    ((holdsGatewayMarks === false && holdsEmptyStrings === false) || !hasAny(rawBody, ANTHROPIC_MARKS)),
  headers: ({ clientFormat, headers }) => {
    const betas = clientFormat === 'anthropic-messages' ? headers['anthropic-beta'] : undefined;
    return betas === undefined ? {} : { 'x-anthropic-beta': betas };
  },
};

/** A search over the bytes; a body with foreign reasoning is encoded, which leaves that out. */
function hasAny(body: Buffer | undefined, marks: readonly string[]): boolean {
  return body !== undefined && marks.some((mark) => body.includes(mark));
}

/** Clients may see the id under which OpenRouter keeps its statistics of a call. */
function withReplyHeader(format: Format): Format {
  return {
    ...format,
    forwardsReplyHeader: (name) => name === 'x-generation-id' || format.forwardsReplyHeader(name),
  };
}
