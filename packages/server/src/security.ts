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

/**
 * Keeps web pages out: a page that reaches loopback through its own host name (DNS rebinding) betrays itself by the
 * Host header, a script of another site by its Origin.
 * @throws {SignalboxError} FORBIDDEN
 */
export function checkAccess(rules: AccessRules, host: string | undefined, origin: string | undefined): void {
  if (host === undefined || !hostAllowed(rules, host)) {
    throw errors.forbidden(
      `The Host header "${host ?? ''}" is not one of this gateway's names. Add it to server.allowedHosts in the config.`,
    );
  }
  if (origin !== undefined && !originAllowed(rules, origin)) {
    throw errors.forbidden(
      `Web pages of ${origin} may not call this gateway. Add the origin to server.allowedOrigins in the config.`,
    );
  }
}

function hostAllowed({ host, allowedHosts }: AccessRules, header: string): boolean {
  const name = header.replace(/:\d+$/, '').toLowerCase();
  if (isLoopback(name)) return true;
  const bare = name.replace(/^\[|\]$/g, '');
  if (bare === host.toLowerCase() || allowedHosts.some((allowed) => allowed.toLowerCase() === name)) return true;
  // Rebinding needs a name: an address is safe where the gateway is meant to be reached from elsewhere.
  return !isLoopback(host) && isIP(bare) !== 0;
}

export function originAllowed({ allowedOrigins }: Pick<AccessRules, 'allowedOrigins'>, origin: string): boolean {
  if (allowedOrigins.includes(origin)) return true;
  try {
    const { protocol, hostname } = new URL(origin);
    return (protocol === 'http:' || protocol === 'https:') && isLoopback(hostname);
  } catch {
    return false;
  }
}
