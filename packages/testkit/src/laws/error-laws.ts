import assert from 'node:assert/strict';
import { collectMessage, errors, type Format, retryHeaders, SignalboxError, type StreamEvent } from '@signalbox/kit';
import { checkGrammar } from '../grammar.ts';
import { clientContext, type FormatOptions } from './format-context.ts';
import type { Law } from './law.ts';
import { decodeStream } from './reply-laws.ts';

/** Whose fault it is and what may help: what must survive where the exact code cannot. */
type ErrorClass = 'request' | 'context' | 'credential' | 'missing' | 'limit' | 'server';

const CLASSES: Record<string, ErrorClass> = {
  CONTEXT_OVERFLOW: 'context',
  UNAUTHENTICATED: 'credential',
  FORBIDDEN: 'credential',
  NOT_FOUND: 'missing',
  NO_ROUTE: 'missing',
  MODEL_NOT_FOUND: 'missing',
  PROVIDER_BILLING: 'limit',
  QUOTA_EXHAUSTED: 'limit',
  RATE_LIMITED: 'limit',
};

/** The class of an error that goes out: the gateway's own bad key is a fault of the server side there. */
function classOut({ code, status }: SignalboxError): ErrorClass {
  return CLASSES[code] ?? (status >= 500 ? 'server' : 'request');
}

/** The class of an error that came in: a provider's 401 or 403 is about a credential, whatever status it gets here. */
function classIn(error: SignalboxError): ErrorClass {
  return error.code === 'PROVIDER_AUTH' ? 'credential' : classOut(error);
}

/** One error of every kind that the kit knows. */
export function everyError(): SignalboxError[] {
  const say = 'Something said what to do.';
  const { clientClosed, providerRejected, providerFailed, timeout, ...plain } = errors;
  return [
    ...Object.values(plain).map((create) => create(say)),
    clientClosed(),
    providerRejected(400, say),
    providerRejected(422, say),
    providerFailed(500, say),
    providerFailed(502, say),
    ...(['CONNECT', 'HEADERS', 'FIRST_EVENT', 'IDLE', 'TOTAL'] as const).map((phase) => timeout(phase, say)),
    new SignalboxError('INTERNAL', say),
  ];
}

export function errorLaws(format: Format, options: FormatOptions): Law[] {
  const roundTrip = (error: SignalboxError) => {
    const { status, headers: own, body } = format.encodeError(error, { exchangeId: 'exchange-1' });
    const headers: Record<string, string> = { ...retryHeaders(error), ...own };
    return { status, headers, decoded: format.decodeError(status, headers, JSON.stringify(body)) };
  };
  return [
    ...everyError().map((error) => ({
      name: `the error ${error.code} ${error.status} keeps its class`,
      check: () => {
        const { status, decoded } = roundTrip(error);
        assert.ok(status >= 400 && status <= 599, `status ${status}`);
        assert.ok(SignalboxError.is(decoded));
        if (decoded.code === error.code) return;
        const wanted = classOut(error);
        const allowed = Object.keys(CLASSES)
          .filter((code) => CLASSES[code] === wanted)
          .join(', ');
        const others = { request: 'any other code below status 500', server: 'any code of status 500 or more' };
        assert.equal(
          classIn(decoded),
          wanted,
          `${error.code} ${error.status} went out as status ${status} and was decoded as ${decoded.code} ${decoded.status}; ` +
            `a client would do the same about: ${allowed || others[wanted as 'request' | 'server']}`,
        );
      },
    })),
    {
      name: 'F92 the seconds to wait survive, as a whole number in retry-after',
      check: () => {
        // The gateway sends `retryHeaders` with every error; a format may put others in their place.
        const { headers, decoded } = roundTrip(errors.rateLimited('Slow down.', { retryAfterSeconds: 7 }));
        assert.equal(headers['retry-after'], '7');
        assert.equal(decoded.retryAfterSeconds, 7, 'decode it with `retryAfterSeconds(headers)` of the kit');
      },
    },
    {
      name: 'an error shows neither its cause nor a stack',
      check: () => {
        const cause = new Error('the-secret-cause');
        const wire = JSON.stringify(
          format.encodeError(errors.providerFailed(502, 'It failed.', { cause }), { exchangeId: 'e' }),
        );
        assert.ok(!wire.includes('the-secret-cause') && !wire.includes('.ts:') && !wire.includes('at Object.'), wire);
      },
    },
    ...everyError().map((error) => ({
      name: `F17 F21 a stream that fails with ${error.code} ${error.status} ends as failed`,
      check: () => {
        for (const started of [false, true]) {
          const encoder = format.createStreamEncoder(clientContext(format, options));
          const begun = started ? encoder.encode(BEGUN) : encoder.open();
          const events = decodeStream(format, [Buffer.from(begun + encoder.fail(error))], options);
          checkGrammar(events);
          assert.equal(events.at(-1)?.type, 'error');
          assert.throws(
            () => collectMessage(events),
            (thrown) => SignalboxError.is(thrown),
          );
        }
      },
    })),
  ];
}

const BEGUN: readonly StreamEvent[] = [
  { type: 'message-start' },
  { type: 'block-start', index: 0, block: { type: 'text' } },
  { type: 'text-delta', index: 0, text: 'begun' },
];
