import { describe, expect, it } from '@jest/globals';
import { errors, type SignalboxError } from '@signalbox/kit';
import { cutAfter, dropConnection, json, type ScriptedProvider, startScriptedProvider } from '@signalbox/testkit';
import { defaultTimeouts } from './attempt-clock.ts';
import { diedStale } from './stale-connection.ts';
import { Transport } from './transport.ts';

/** Calls the provider once for each responder, one after the other, and gives what became of the last call. */
async function lastFailure(...script: NonNullable<Parameters<ScriptedProvider['once']>[1]>[]): Promise<SignalboxError> {
  await using provider = await startScriptedProvider({ script });
  const transport = new Transport('The provider test', defaultTimeouts);
  const call = async () => {
    const response = await transport.send({ url: `${provider.url}/x`, headers: {}, body: '{}' }, () => {});
    await response.whole();
  };
  try {
    for (const _ of script.slice(1)) await call();
    return await call().then(
      () => Promise.reject(new Error('the last call was expected to fail')),
      (error: SignalboxError) => error,
    );
  } finally {
    await transport.destroy();
  }
}

describe('diedStale', () => {
  it.each(['fin', 'rst'] as const)('sees a kept connection that is closed instead of an answer (%s)', async (how) => {
    const error = await lastFailure(json(200, { n: 1 }), json(200, { n: 2 }), dropConnection(how));
    expect(error.code).toBe('PROVIDER_UNREACHABLE');
    expect(diedStale(error)).toBe(true);
  });

  it.each(['fin', 'rst'] as const)('tells it from a new connection (%s)', async (how) => {
    const error = await lastFailure(dropConnection(how));
    expect(error.code).toBe('PROVIDER_UNREACHABLE');
    expect(diedStale(error)).toBe(false);
  });

  it('tells it from an answer that breaks off', async () => {
    const error = await lastFailure(json(200, {}), cutAfter(5, 'rst', json(200, { text: 'a longer answer' })));
    expect(error.code).toBe('CUT_STREAM');
    expect(diedStale(error)).toBe(false);
  });

  it('tells it from everything without such a cause', () => {
    expect(diedStale(errors.providerUnreachable('x'))).toBe(false);
    expect(diedStale(errors.providerUnreachable('x', { cause: new Error('ECONNREFUSED') }))).toBe(false);
    expect(diedStale(errors.providerUnreachable('x', { cause: 'refused' }))).toBe(false);
  });
});
