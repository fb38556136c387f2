import { errors, type HttpProvider, type SignalboxError, type Static, Type } from '@signalbox/kit';

export const errorPatternSchema = Type.Object(
  {
    status: Type.Optional(
      Type.Array(Type.Integer({ minimum: 200, maximum: 599 }), {
        description: 'HTTP statuses that it comes with; 200 is for an error inside an answer. Default: any.',
      }),
    ),
    wording: Type.String({
      minLength: 1,
      description: 'Regular expression, upper or lower case alike, for a part of the body, or of the message.',
    }),
    means: Type.Enum(['auth', 'billing', 'quota', 'rate-limit', 'overloaded', 'model-not-found', 'content-refused'], {
      description: 'What it means whatever the status says.',
    }),
  },
  { additionalProperties: false, description: 'Errors that say something else than their status.' },
);

/** An error that looks like another: out of credit with the status of a wrong key, say. */
export type ErrorPattern = Static<typeof errorPatternSchema>;

type Rest = { readonly retryAfterSeconds?: number };

const MEANS: Readonly<Record<ErrorPattern['means'], (message: string, rest: Rest) => SignalboxError>> = {
  auth: () =>
    errors.providerAuth('The provider refused the gateway’s credential. Check the key in the gateway’s configuration.'),
  billing: errors.providerBilling,
  quota: errors.quotaExhausted,
  'rate-limit': errors.rateLimited,
  overloaded: errors.providerOverloaded,
  'model-not-found': errors.modelNotFound,
  'content-refused': errors.contentRefused,
};

/** Reads errors by their wording; the first pattern that fits decides. `undefined` where there are none. */
export function errorReader(patterns: readonly ErrorPattern[]): HttpProvider['refineError'] {
  if (patterns.length === 0) return undefined;
  const compiled = patterns.map(({ status, wording, means }) => ({ status, wording: new RegExp(wording, 'i'), means }));
  return (error, { status, body }) => {
    // An error inside a 200 comes without its body: there the message is all there is.
    const text = body === '' ? error.message : body;
    const found = compiled.find(
      (pattern) => (pattern.status === undefined || pattern.status.includes(status)) && pattern.wording.test(text),
    );
    if (found === undefined) return error;
    const { retryAfterSeconds } = error;
    return MEANS[found.means](messageOf(error, body), retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
  };
}

/** The provider's words. A refused credential was described in the gateway's, which would mislead now. */
function messageOf(error: SignalboxError, body: string): string {
  if (error.code !== 'PROVIDER_AUTH') return error.message;
  try {
    const { error: inner, message } = JSON.parse(body) as { error?: string | { message?: string }; message?: string };
    const said = typeof inner === 'string' ? inner : (inner?.message ?? message);
    if (typeof said === 'string' && said !== '') return said.slice(0, 2_000);
  } catch {
    // Not JSON: nothing that could be shown.
  }
  return 'The provider refused the request for a reason that has nothing to do with its key.';
}
