import { type ChatRequest, errors, type SignalboxError } from '@signalbox/kit';
import { ownExtra } from './encode-context.ts';
import { FORMAT_ID } from './wire.ts';

/**
 * Why a request cannot go to a provider without message threads: a continued thread holds only its newest messages, so
 * without the provider's memory the model would see neither history nor tools. Anthropic's SDKs read the error's code
 * and send the whole history instead.
 */
export function threadRefusal(request: ChatRequest): SignalboxError | undefined {
  if (ownExtra(request.extensions, 'thread') === undefined) return undefined;
  const message = 'thread: this provider keeps no message threads; send the whole history';
  const details = { error_code: 'thread_unsupported_request', unsupported: ['thread'] };
  return errors.unsupported(message, {
    wire: {
      format: FORMAT_ID,
      status: 400,
      body: { type: 'error', error: { type: 'invalid_request_error', message, details } },
    },
  });
}
