import { cutAfter, json, type Responder, raw, sse, type Turn } from '@signalbox/testkit';
import type { Answer, ProviderError, ProviderKind } from './kinds.ts';

/** What must become of a request whose first target has this fault. */
export interface Expected {
  /**
   * `answer`: the client gets the provider's answer. `error`: it gets an error instead. `broken`: a stream gets an error in
   * its middle, a whole answer an error.
   */
  readonly outcome: 'answer' | 'error' | 'broken';
  /** Of the error, without a fallback. */
  readonly status?: number;
  readonly code?: string;
  /** Calls of this target. More than one: it is tried again. */
  readonly calls: number | readonly [min: number, max: number];
  /** The same for a whole answer, of which nothing was sent before it was whole. */
  readonly wholeCalls?: number;
  /** Whether a fallback answers in its place, where nothing was sent yet. */
  readonly movesOn?: boolean;
  /** The words that the answer has, where they are not all of them. */
  readonly words?: number;
  /** What the provider counts, where it is not everything. */
  readonly usage?: 'none' | 'prompt';
}

export const LIMITS = ['headersMs', 'firstEventMs', 'idleMs'] as const;
export type Limit = (typeof LIMITS)[number];

export interface Fault {
  readonly name: string;
  /** Nearly all of its time is waiting for a timer, or for the resolver. */
  readonly waits?: true;
  /** The limit that ends it: it is short for this target alone, since on a slow machine it would end others as well. */
  readonly limit?: Limit;
  /** The one format that can have it. Default: all. */
  readonly only?: ProviderKind;
  /** `dns`, `refused`: nobody can be reached. */
  readonly respond: 'dns' | 'refused' | ((kind: ProviderKind, stream: boolean) => Responder);
  readonly expected: Expected;
}

/** The words of an answer; each comes in a frame of its own. */
export const WORDS = 6;
export const USAGE = { promptTokens: 20, completionTokens: 10 };

export function turnOf(word: string, extra: Partial<Turn> = {}): Turn {
  return { text: Array.from({ length: WORDS }, (_, index) => `${word}${index} `), usage: USAGE, ...extra };
}

export function respondWith({ streamType }: ProviderKind, { body, frames }: Answer, stream: boolean): Responder {
  return stream ? sse(frames, { headers: { 'content-type': streamType } }) : json(200, body);
}

export const good = (kind: ProviderKind) => kind.answer(turnOf('alpha'));
export const ok =
  (change: (answer: Answer, kind: ProviderKind) => Answer = (answer) => answer) =>
  (kind: ProviderKind, stream: boolean): Responder =>
    respondWith(kind, change(good(kind), kind), stream);

export const status =
  (code: number, error: ProviderError = { message: `the provider says ${code}` }) =>
  (kind: ProviderKind): Responder => {
    const { retryAfterMs } = error;
    const headers = retryAfterMs === undefined ? {} : kind.retryAfter(retryAfterMs);
    return json(code, kind.error({ ...error, status: code }), headers);
  };

/** The index of the frame that has the word in the middle. */
const middle = (frames: readonly string[]) => frames.findIndex((frame) => frame.includes(`alpha${WORDS / 2}`));

/** Half of the answer, and then something else. */
export const half =
  (then: (contentType: string, part: Buffer, kind: ProviderKind) => Responder) =>
  (kind: ProviderKind, stream: boolean): Responder => {
    const { body, frames } = good(kind);
    const part = stream ? frames.slice(0, middle(frames)).join('') : JSON.stringify(body).slice(0, -20);
    return then(stream ? kind.streamType : 'application/json', Buffer.from(part), kind);
  };

/** All that comes before the first word, such as the start of its block, and then something else. */
export const begun =
  (then: (contentType: string, part: Buffer, kind: ProviderKind, stream: boolean) => Responder) =>
  (kind: ProviderKind, stream: boolean): Responder => {
    const { body, frames } = good(kind);
    const start = frames.slice(
      0,
      frames.findIndex((frame) => frame.includes('alpha0')),
    );
    const part = stream ? start.join('') : JSON.stringify(body).slice(0, 20);
    return then(stream ? kind.streamType : 'application/json', Buffer.from(part), kind, stream);
  };

export const cut = (how: 'fin' | 'rst') =>
  half((type, part) => cutAfter(part.length, how, raw(200, { 'content-type': type }, `${part} more`)));

export const passing: Expected = { outcome: 'error', calls: 2, movesOn: true };
export const lasting: Expected = { outcome: 'error', calls: 1, movesOn: true };
export const final: Expected = { outcome: 'error', calls: 1, movesOn: false };
export const broken: Expected = { outcome: 'broken', calls: 1, wholeCalls: 2, movesOn: true };
export const answered: Expected = { outcome: 'answer', calls: 1 };
