import { type Exchange, errors, formatTarget, stateKey, type Target } from '@signalbox/kit';
import type { Demand, Measured } from './demand.ts';

/** What was measured for a request, by target, whichever of its keys. */
const measured = stateKey(() => new Map<string, Measured>());

export function measuredAt(target: Target, exchange: Exchange): Measured | undefined {
  return exchange.state(measured).get(formatTarget(target));
}

export type Sized = Measured & { readonly target: Target };

/** Targets by whether a prompt fits into their windows, each list in the given order. */
export interface Sorted {
  readonly sure: readonly Target[];
  /** By the estimate it fits, and not by so much that it may be trusted. */
  readonly unsure: readonly Sized[];
  readonly tooSmall: readonly Sized[];
}

export function sort(targets: readonly Target[], demand: Demand, exchange: Exchange): Sorted {
  const sure: Target[] = [];
  const unsure: Sized[] = [];
  const tooSmall: Sized[] = [];
  for (const target of targets) {
    const verdict = demand.of(target);
    if (verdict.measured !== undefined) exchange.state(measured).set(formatTarget(target), verdict.measured);
    if (verdict.fits === 'sure') sure.push(target);
    else (verdict.fits === 'no' ? tooSmall : unsure).push({ target, ...verdict.measured });
  }
  return { sure, unsure, tooSmall };
}

/** `without a/x, whose window …, and b/y, …`; empty where there are none. */
export function describe(what: string, sized: readonly Sized[], verb: 'is' | 'may be'): readonly string[] {
  if (sized.length === 0) return [];
  const each = sized.map(({ target, windowTokens, promptTokens, reservedTokens }) => {
    const answer = reservedTokens === 0 ? '' : ` and ${reservedTokens} for the answer`;
    return `${formatTarget(target)}, whose window of ${windowTokens} tokens ${verb} too small for about ${promptTokens}${answer}`;
  });
  return [`${what} ${each.join(', ')}`];
}

/** Names the most that a prompt may have in the largest window that there was: the client makes its prompt fit into that. */
export function overflow(tooSmall: readonly Sized[]): Error {
  const [largest] = tooSmall.toSorted((a, b) => b.mostPromptTokens - a.mostPromptTokens);
  if (largest === undefined) return errors.contextOverflow('prompt is too long');
  return errors.contextOverflow(
    `prompt is too long: ${largest.promptTokens} tokens > ${largest.mostPromptTokens} maximum`,
  );
}
