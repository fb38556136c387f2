import { errors, type HttpProvider, SignalboxError } from '@signalbox/kit';
import type { CallState } from './provider-call.ts';
import type { ProviderResponse } from './transport.ts';

/** What the provider was called with. */
type Called = Pick<CallState, 'sentHeaders' | 'model'> & Partial<Pick<CallState, 'operation'>>;

const MAX_ERROR_BYTES = 256 * 1024;
const CREDENTIAL_HEADER = /auth|key|token|secret|cookie/i;
/** How long a body may take that only says why. */
const ERROR_BODY_MS = 5_000;
/** Anything shorter is no credential, and may stand in a text by chance. */
const MIN_CREDENTIAL_CHARS = 8;

/** Whether a header's value may let somebody in. */
export function isCredentialHeader(name: string): boolean {
  return CREDENTIAL_HEADER.test(name);
}

/** What an answer with an error status means. */
export async function readFailure(
  provider: HttpProvider,
  response: ProviderResponse,
  call: Called,
): Promise<SignalboxError> {
  const body = await readStart(response);
  const { status, headers } = response;
  if (status < 400) {
    return errors.providerFailed(502, 'The provider answered with a redirect: check its base URL.');
  }
  return refineFailure(provider, provider.format.decodeError(status, headers, body), response, call, body);
}

/** The provider's last word on a failure, wherever in its answer that stood. */
export function refineFailure(
  provider: HttpProvider,
  error: SignalboxError,
  { status, headers }: ProviderResponse,
  call: Called,
  body = '',
): SignalboxError {
  const { operation } = call;
  const refined = withoutCredentials(
    provider.refineError?.(error, { status, headers, body, operation }) ?? error,
    call,
  );
  return provider.forwardsCallerKey === true && refined.code === 'PROVIDER_AUTH'
    ? errors.unauthenticated(`The provider refused your key for the model ${call.model}.`)
    : refined;
}

/** The error, with nothing in it of what the provider was called with: some quote the key that they refuse. */
function withoutCredentials(error: SignalboxError, { sentHeaders }: Called): SignalboxError {
  const said = JSON.stringify({ message: error.message, wire: error.wire });
  let clean = said;
  for (const name in sentHeaders) {
    const credential = (sentHeaders[name] ?? '').replace(/^Bearer /i, '');
    if (!isCredentialHeader(name) || credential.length < MIN_CREDENTIAL_CHARS) continue;
    clean = clean.replaceAll(JSON.stringify(credential).slice(1, -1), '[key]');
  }
  if (clean === said) return error;
  const { code, status, retryable, retryAfterSeconds, shouldRetry } = error;
  const { message, wire } = JSON.parse(clean) as Pick<SignalboxError, 'message' | 'wire'>;
  return new SignalboxError(code, message, {
    status,
    retryable,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    ...(shouldRetry === undefined ? {} : { shouldRetry }),
    ...(wire === undefined ? {} : { wire }),
  });
}

async function readStart(response: ProviderResponse): Promise<string> {
  // Nobody asked for compression: the status alone has to do.
  if ((response.headers['content-encoding'] ?? 'identity') !== 'identity') {
    response.cancel();
    return '';
  }
  const parts: Buffer[] = [];
  let size = 0;
  const deadline = setTimeout(() => response.cancel(), ERROR_BODY_MS);
  try {
    while (size < MAX_ERROR_BYTES) {
      const chunks = await response.next();
      if (chunks === undefined) break;
      for (const chunk of chunks) {
        parts.push(chunk);
        size += chunk.length;
      }
    }
  } catch {
    // The status alone has to do.
  }
  clearTimeout(deadline);
  response.cancel();
  return Buffer.concat(parts).toString('utf8', 0, MAX_ERROR_BYTES);
}
