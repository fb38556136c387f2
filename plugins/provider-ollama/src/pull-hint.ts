import { errors, type SignalboxError } from '@signalbox/kit';

const NAMED = /model ['"]([^'"]+)['"] not found/i;

/** A model that is not there has to be pulled, which a gateway does for nobody. */
export function withPullHint(error: SignalboxError): SignalboxError {
  if (error.code !== 'MODEL_NOT_FOUND') return error;
  const name = NAMED.exec(error.message)?.[1];
  if (name === undefined) return error;
  return errors.modelNotFound(`Ollama has no model "${name}". On its machine: ollama pull ${name}`, { cause: error });
}
