import { anthropicMessages } from '@signalbox/format-anthropic-messages';
import { openaiChat } from '@signalbox/format-openai-chat';
import { type HttpProvider, type ProviderCall, SignalboxError } from '@signalbox/kit';
import { anthropicDialect } from './anthropic-dialect.ts';
import { knownBetas } from './betas.ts';
import { chatDialects } from './chat-dialects.ts';
import type { Settings } from './settings.ts';

const CHAT_MARKS = ['"signalbox1.', '"signalbox-anthropic"'];
const ANTHROPIC_VERSION = '2023-06-01';

/** What one of the two formats brings along. */
export interface Wire extends Pick<HttpProvider, 'format' | 'acceptsVerbatim'> {
  readonly path: string;
  /** Where its list of models is. */
  readonly modelsPath: string;
  readonly headers: (call: ProviderCall) => Record<string, string>;
  /** The headers of a call that is for no client. */
  readonly ownHeaders: Record<string, string>;
}

/** @throws {SignalboxError} BAD_CONFIG for options of the other format. */
export function wireFor(settings: Pick<Settings, 'options' | 'profile'>): Wire {
  const { format, dialect, anthropic, betas, ...options } = settings.options;
  const suits = dialect === undefined && settings.profile?.verbatim !== false;
  const { verbatim = format === 'openai-chat' && suits } = options;
  if (format === 'openai-chat') {
    if (anthropic !== undefined)
      throw new SignalboxError('BAD_CONFIG', 'anthropic: is for "format": "anthropic-messages".');
    return {
      path: '/chat/completions',
      modelsPath: '/models',
      format: openaiChat.with(chatDialects(settings)),
      // A body with another provider's reasoning state is encoded, which leaves that out.
      acceptsVerbatim: ({ rawBody, holdsGatewayMarks }) =>
        verbatim && (holdsGatewayMarks === false || !CHAT_MARKS.some((mark) => rawBody?.includes(mark) === true)),
      headers: () => ({}),
      ownHeaders: {},
    };
  }
  if (dialect !== undefined) throw new SignalboxError('BAD_CONFIG', 'dialect: is for "format": "openai-chat".');
  return {
    path: '/v1/messages',
    modelsPath: '/v1/models?limit=1000',
    format: anthropicMessages.with(anthropicDialect({ ...settings.profile?.anthropic, ...anthropic })),
    acceptsVerbatim: ({ rawBody, holdsGatewayMarks }) =>
      verbatim && (holdsGatewayMarks === false || rawBody?.includes('"signalbox1.') !== true),
    headers: (call) => {
      const known = call.clientFormat === format ? knownBetas(call, betas) : undefined;
      const version = call.headers['anthropic-version'] ?? ANTHROPIC_VERSION;
      return { 'anthropic-version': version, ...(known === undefined ? {} : { 'anthropic-beta': known }) };
    },
    ownHeaders: { 'anthropic-version': ANTHROPIC_VERSION },
  };
}
