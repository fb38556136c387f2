import type { SignalboxError } from '@signalbox/kit';
import type { buildConnector } from 'undici';

/** What connections died of that had brought an answer before. */
const deathsAfterUse = new WeakSet<object>();

/** The connector, with an eye on each connection: undici does not say whether a call that failed had a fresh one. */
export function watchReuse(connect: buildConnector.connector): buildConnector.connector {
  return (options, done) => {
    connect(options, (...[error, socket]) => {
      if (error !== null) {
        done(error, null);
        return;
      }
      const bytesBefore = socket.bytesRead;
      // Before undici's own listener, which hands the error to the call.
      socket.once('error', (death) => {
        if (socket.bytesRead > bytesBefore) deathsAfterUse.add(death);
      });
      done(null, socket);
    });
  };
}

/**
 * Whether a call failed because the other side closed its connection, kept alive after an earlier answer, instead of
 * answering: as a rule the two crossed on the way, and the provider has not seen the request.
 */
export function diedStale({ code, cause }: SignalboxError): boolean {
  return code === 'PROVIDER_UNREACHABLE' && typeof cause === 'object' && cause !== null && deathsAfterUse.has(cause);
}
