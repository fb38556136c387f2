import { type Exchange, hashText, sessionKey, stateKey } from '@signalbox/kit';
import type { AffinityConfig } from './config.ts';
import { openingOf } from './opening.ts';

const END_CHARS = 500;

export type KeyOf = (exchange: Exchange) => string | undefined;

/**
 * What a session is remembered under: what its client says, else a hash of how the conversation begins, which is what a
 * cache goes by, too. Found once per exchange.
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

function prefixKey(exchange: Exchange, owner: string): string | undefined {
  const opening = openingOf(exchange);
  // The owner stands beside the hash: nobody gets another's sessions by a text that was made to have its hash.
  return opening && JSON.stringify([owner, hashText(`${ends(opening.system)} ${ends(opening.message)}`)]);
}

/** What tells texts apart at the cost of short ones: two of one length that agree at both ends are one conversation's. */
function ends(text: string): string {
  if (text.length <= 2 * END_CHARS) return `${text.length} ${text}`;
  return `${text.length} ${text.slice(0, END_CHARS)}${text.slice(-END_CHARS)}`;
}
