import { formatTarget, type SignalboxError, type Target } from '@signalbox/kit';

/** Failures of a provider. Not those whose exact words a client acts on: a prompt that is too long, an image. */
const OF_PROVIDER =
  /^(?:PROVIDER_\w+|QUOTA_EXHAUSTED|RATE_LIMITED|MODEL_NOT_FOUND|CONTENT_REFUSED|REQUEST_TOO_LARGE|CUT_STREAM|\w+_REPLY|\w+_TIMEOUT)$/;

/**
 * The error with the target in its message that it comes from: a client that is told of a refused key should know whose.
 * `always`: whatever error it is.
 */
export function nameTarget(error: SignalboxError, target: Target, always = false): SignalboxError {
  const name = formatTarget(target);
  if ((!always && !OF_PROVIDER.test(error.code)) || error.message.startsWith(name)) return error;
  return error.withMessage(`${name}: ${error.message}`);
}
