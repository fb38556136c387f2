import {
  type JsonObject,
  type JsonValue,
  packReasoningState,
  type ReasoningBlock,
  type ReasoningState,
  unpackReasoningState,
} from '@signalbox/kit';
import { ID, isObject, text } from './fields.ts';

/** The origin of genuine thought signatures. They go back to targets of this `reasoningOrigin` only. */
export const GEMINI_ORIGIN = ID;

/** What Google documents for calls whose signature is not to be had: the model takes them without its thoughts. */
export const NO_SIGNATURE = 'skip_thought_signature_validator';

/** Keeps the signatures of tool calls by the calls' ids. */
export interface SignatureStore {
  get(callId: string): string | undefined;
  set(callId: string, signature: string): void;
}

/** Which part of the answer a signature stands on: the thought itself where it is not said. */
export type SignedPart = 'call' | 'text' | 'empty';

/** The state of a reasoning block of Gemini's: a signature and its place, or nothing but that Gemini said it. */
export function signedState(
  origin: string,
  signature: string | undefined,
  part?: SignedPart,
  callId?: string,
): ReasoningState {
  const data: JsonObject = {};
  if (signature !== undefined) data.thoughtSignature = signature;
  if (part !== undefined) data.part = part;
  if (callId !== undefined) data.callId = callId;
  return { origin, data };
}

export interface Signature {
  readonly signature: string | undefined;
  readonly part: SignedPart | undefined;
  readonly callId: string | undefined;
}

/** What `signedState` put together; `undefined` for the state of another origin. */
export function signatureOf(state: ReasoningState | undefined, origin: string): Signature | undefined {
  if (state === undefined || state.origin !== origin || !isObject(state.data)) return undefined;
  const { thoughtSignature, part, callId } = state.data;
  return {
    signature: text(thoughtSignature),
    part: part === 'call' || part === 'text' || part === 'empty' ? part : undefined,
    callId: text(callId),
  };
}

/** How every base64 of the gateway's own packing begins. */
export const MARK = 'c2lnbmFsYm94MS';

/**
 * A whole reasoning block of another origin in the place of a signature. A signature is base64 on this wire, so the packed
 * state is, too. Its text goes along, because clients drop thoughts and keep the signatures of what follows them.
 */
export function packBlock({
  text: said,
  state,
  redacted,
}: ReasoningBlock & { readonly state: ReasoningState }): string {
  const data: JsonObject = { text: said, data: state.data };
  if (redacted === true) data.redacted = true;
  return Buffer.from(packReasoningState({ origin: state.origin, data })).toString('base64');
}

/** The block that `packBlock` packed; `undefined` for a genuine signature. */
export function unpackBlock(signature: string): ReasoningBlock | undefined {
  if (!signature.startsWith(MARK)) return undefined;
  const packed = unpackReasoningState(Buffer.from(signature, 'base64').toString());
  if (packed === undefined || !isObject(packed.data)) return undefined;
  const { text: said, data = null, redacted } = packed.data;
  return {
    type: 'reasoning',
    text: text(said) ?? '',
    state: { origin: packed.origin, data: data as JsonValue },
    ...(redacted === true ? { redacted } : {}),
  };
}
