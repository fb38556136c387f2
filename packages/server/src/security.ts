import { BlockList, isIP } from 'node:net';
import { errors } from '@signalbox/kit';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether only this machine can reach an address. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === 'localhost') return true;
  const family = isIP(bare);
  return family !== 0 && loopback.check(bare, family === 6 ? 'ipv6' : 'ipv4');
}

export interface AccessRules {
  /** The address that the gateway listens on. */
  readonly host: string;
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
}

/** Host headers whose verdict is remembered: a client sends the same one every time. */
const MAX_KNOWN_HOSTS = 100;

/**
 * Keeps web pages out: a page that reaches loopback through its own host name (DNS rebinding) betrays itself by the
 * Host header, a script of another site by its Origin. The check throws FORBIDDEN.
 */
export function createAccessCheck(
  rules: AccessRules,
): (headers: { readonly host?: string | undefined; readonly origin?: string | undefined }) => void {
  const known = new Set<string>();
  return ({ host, origin }) => {
    if (host === undefined || !known.has(host)) {
      if (host === undefined || !hostAllowed(rules, host)) {
        throw errors.forbidden(
          `The Host header "${host ?? ''}" is not one of this gateway's names. Add it to server.allowedHosts in the config.`,
        );
      }
      if (known.size < MAX_KNOWN_HOSTS) known.add(host);
    }
    if (origin !== undefined && !originAllowed(rules, origin)) {
      throw errors.forbidden(
        `Web pages of ${origin} may not call this gateway. Add the origin to server.allowedOrigins in the config.`,
      );
    }
  };
}

function hostAllowed({ host, allowedHosts }: AccessRules, header: string): boolean {
  const name = header.replace(/:\d+$/, '').toLowerCase();
  if (isLoopback(name)) return true;
  const bare = name.replace(/^\[|\]$/g, '');
  if (bare === host.toLowerCase() || allowedHosts.some((allowed) => allowed.toLowerCase() === name)) return true;
  // Rebinding needs a name: an address is safe where the gateway is meant to be reached from elsewhere.
  return !isLoopback(host) && isIP(bare) !== 0;
}

function originAllowed({ allowedOrigins }: AccessRules, origin: string): boolean {
  if (allowedOrigins.includes(origin)) return true;
  try {
    const { protocol, hostname } = new URL(origin);
    return (protocol === 'http:' || protocol === 'https:') && isLoopback(hostname);
  } catch {
    return false;
  }
}
