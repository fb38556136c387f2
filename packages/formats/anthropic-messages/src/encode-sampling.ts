import type { ChatRequest, JsonObject } from '@signalbox/kit';
import type { EncodeContext } from './encode-context.ts';

const LEAST_TOP_P = 0.99;
const LEAST_TOP_P_THINKING = 0.95;

/** `temperature`, `top_p` and `top_k` as far as the model takes them beside its thinking. */
export function encodeSampling(
  { temperature, topP, topK }: ChatRequest,
  thinks: boolean,
  { capabilities, notes }: EncodeContext,
): JsonObject {
  const wire: JsonObject = {};
  const free = capabilities.sampling && !thinks;
  const why = capabilities.sampling ? 'not allowed while thinking' : 'this model takes no sampling parameters';
  if (temperature !== undefined) {
    const clamped = Math.min(1, Math.max(0, temperature));
    if (clamped !== temperature) notes.add('temperature', 'approximated', 'clamped to 0–1');
    if (free || clamped === 1) wire.temperature = clamped;
    else notes.add('temperature', 'dropped', why);
  }
  if (topP !== undefined) {
    const least = !capabilities.sampling ? LEAST_TOP_P : thinks ? LEAST_TOP_P_THINKING : 0;
    if (topP < least) notes.add('topP', 'dropped', why);
    else if (wire.temperature !== undefined && !capabilities.temperatureWithTopP) {
      notes.add('topP', 'dropped', 'this model takes temperature or top_p, not both');
    } else wire.top_p = topP;
  }
  if (topK !== undefined) {
    if (free) wire.top_k = topK;
    else notes.add('topK', 'dropped', why);
  }
  return wire;
}

/** Stop sequences; blank ones are refused, and the gateway watches for them itself. */
export function encodeStopSequences({ stopSequences }: ChatRequest, { target }: EncodeContext): string[] | undefined {
  if (stopSequences === undefined) return undefined;
  const taken = stopSequences.filter((sequence) => sequence.trim() !== '');
  const enforced = stopSequences.filter((sequence) => sequence !== '' && sequence.trim() === '');
  if (enforced.length > 0) {
    target.notes.add('stopSequences', 'mapped', 'the gateway enforces those of white space on the reply');
    target.enforceStopSequences(enforced);
  }
  return taken.length === 0 && stopSequences.length > 0 ? undefined : taken;
}
