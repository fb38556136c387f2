import { hash } from 'node:crypto';
import { type Block, type Exchange, SignalboxError, sessionKey, stateKey } from '@signalbox/kit';
import type { AffinityConfig } from './config.ts';

export type KeyOf = (exchange: Exchange) => string | undefined;

/**
 * What a session is remembered under: what its client says, else a hash of how the conversation begins, which is what a
 * cache goes by, too. Found once per exchange; only the hash decodes the request.
 */
export function compileSessionKey({ headers, prefix }: Pick<AffinityConfig, 'headers' | 'prefix'>): KeyOf {
  const found = stateKey<{ key?: string | undefined }>(() => ({}));
  const names = headers.map((name) => name.toLowerCase());
  const find = (exchange: Exchange): string | undefined => {
    const owner = exchange.principal?.id ?? '';
    for (const name of names) {
      const id = exchange.headers[name];
      if (id !== undefined && id !== '') return JSON.stringify([owner, name, id]);
    }
    return sessionKey(exchange) ?? (prefix ? prefixKey(exchange, owner) : undefined);
  };
  return (exchange) => {
    const known = exchange.state(found);
    if (!('key' in known)) known.key = find(exchange);
    return known.key;
  };
}

/** `undefined` where the request cannot be decoded, or does not begin with words. */
function prefixKey(exchange: Exchange, owner: string): string | undefined {
  try {
    const { system, messages } = exchange.request;
    const opening = messages
      .find(({ role }) => role === 'user')
      ?.content.flatMap(wordsOf)
      .join('\n');
    if (opening === undefined || opening === '') return undefined;
    return hash('sha1', JSON.stringify([owner, system[0]?.text ?? '', opening]), 'base64');
  } catch (error) {
    if (!SignalboxError.is(error)) throw error;
    return undefined;
  }
}

function wordsOf(block: Block): readonly string[] {
  return block.type === 'text' ? [block.text] : [];
}
