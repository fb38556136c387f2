import { formatTarget, type SignalboxError, type Target } from '@signalbox/kit';

/** Failures of a provider. Not those whose exact words a client acts on: a prompt that is too long, an image. */
const OF_PROVIDER =
  /^(?:PROVIDER_\w+|QUOTA_EXHAUSTED|RATE_LIMITED|MODEL_NOT_FOUND|CONTENT_REFUSED|REQUEST_TOO_LARGE|CUT_STREAM|\w+_REPLY|\w+_TIMEOUT)$/;

/** Those whose message says it already: a continuation or a whole list of failures has another target than the last one. */
const named = new WeakSet<SignalboxError>();

/** For an error that lists its targets itself. */
export function saysTargets(error: SignalboxError): SignalboxError {
  named.add(error);
  return error;
}

/**
 * The error with the target in its message that it comes from: a client that is told of a refused key should know whose.
 * `always`: whatever error it is.
 */
export function nameTarget(error: SignalboxError, target: Target, always = false): SignalboxError {
  if (named.has(error) || (!always && !OF_PROVIDER.test(error.code))) return error;
  const name = formatTarget(target);
  return saysTargets(error.message.startsWith(name) ? error : error.withMessage(`${name}: ${error.message}`));
}
