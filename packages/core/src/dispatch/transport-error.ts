import { errors, SignalboxError } from '@signalbox/kit';

/** What it means that a call ended with an error. `answered`: its response headers had come. */
export function transportError(error: unknown, who: string, answered: boolean): SignalboxError {
  if (SignalboxError.is(error)) return error;
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'UND_ERR_CONNECT_TIMEOUT') {
    return errors.timeout('CONNECT', `${who} could not be connected to in time.`, { cause: error });
  }
  if (code === 'UND_ERR_INVALID_ARG' && message?.includes('header') === true) {
    // Names the header, and not its value.
    return errors.providerUnreachable(
      `${who} cannot be called: ${message}. Look for a line break or a letter that no header may hold in its key and its headers.`,
      { cause: error },
    );
  }
  if (answered) return errors.cutStream(`${who} broke the connection in the middle of its answer.`, { cause: error });
  return errors.providerUnreachable(`${who} cannot be reached (${code ?? message ?? 'unknown reason'}).`, {
    cause: error,
  });
}
