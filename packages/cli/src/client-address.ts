import { isIP } from 'node:net';
import type { ServerConfig } from '@signalbox/core';

/** Where a client on this machine reaches a gateway that listens on `host`: an open address is reached on loopback. */
export function clientUrl({ host, port }: Pick<ServerConfig, 'host' | 'port'>): string {
  const bare = host.replace(/^\[|\]$/g, '');
  if (bare === '0.0.0.0') return `http://127.0.0.1:${port}`;
  if (bare === '::') return `http://[::1]:${port}`;
  return `http://${isIP(bare) === 6 ? `[${bare}]` : bare}:${port}`;
}

/** What clients send as their key: the one the gateway asks for, else anything, because SDKs insist on one. */
export function clientKey(env: NodeJS.ProcessEnv): string {
  return env.SIGNALBOX_API_KEY || 'signalbox';
}
