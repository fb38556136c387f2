import type { Server } from 'node:http';
import type { Generation } from '@signalbox/core';
import { SignalboxError } from '@signalbox/kit';
import { isLoopback } from './security.ts';

/** @throws {SignalboxError} BIND_REFUSED */
export function refuseOpenBind({ config, hooks }: Generation): void {
  const { host } = config.server;
  if (isLoopback(host) || hooks.auth.isUsed()) return;
  throw new SignalboxError(
    'BIND_REFUSED',
    `Listening on ${host} lets others use your providers' keys. Add the plugin "@signalbox/auth-api-key", or listen on 127.0.0.1.`,
  );
}

/** @throws {SignalboxError} PORT_IN_USE, LISTEN_FAILED */
export function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') {
        reject(
          new SignalboxError(
            'PORT_IN_USE',
            `Port ${port} on ${host} is in use. Stop what listens there, or choose another one: --port ${port + 1}.`,
          ),
        );
        return;
      }
      reject(
        new SignalboxError('LISTEN_FAILED', `Cannot listen on ${host}:${port}: ${error.message}.`, { cause: error }),
      );
    });
    server.listen(port, host, resolve);
  });
}
