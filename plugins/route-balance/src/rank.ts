import type { Policy } from './config.ts';
import type { LoadBook } from './load-book.ts';
import type { SmoothWheel } from './smooth-wheel.ts';

/** One of those that requests are spread over. */
export interface Candidate {
  /** On the wheel. */
  readonly name: string;
  /** In the book of loads. */
  readonly loadId: string;
  /** 0: behind all others. */
  readonly weight: number;
}

export interface Choosing {
  readonly wheel: SmoothWheel;
  readonly loads: LoadBook;
  /** Whether this takes a turn, or is only a look. */
  readonly commit: boolean;
}

/** All candidates, the picked one first, and then the others in the order in which they would be second best. */
export function rank<T extends Candidate>(candidates: readonly T[], policy: Policy, choosing: Choosing): readonly T[] {
  if (policy === 'in-order') return candidates;
  const sharing = candidates.filter(({ weight }) => weight > 0);
  if (sharing.length === 0) return candidates;
  const reserve = candidates.filter(({ weight }) => weight === 0);
  return [...RANKINGS[policy](sharing, choosing), ...reserve];
}

type Ranking = <T extends Candidate>(candidates: readonly T[], choosing: Choosing) => readonly T[];

const RANKINGS: Readonly<Record<Exclude<Policy, 'in-order'>, Ranking>> = {
  weighted: (candidates, { wheel, commit }) => wheel.turn(candidates, commit),

  'least-busy': (candidates, { wheel, loads, commit }) => {
    const busy = new Map(candidates.map((one) => [one, loads.inFlight(one.loadId) / one.weight]));
    const least = Math.min(...busy.values());
    // Those that are equally free take turns; else the first would get all of a quiet day.
    const free = wheel.turn(
      candidates.filter((one) => busy.get(one) === least),
      commit,
    );
    const others = candidates.filter((one) => busy.get(one) !== least);
    return [...free, ...others.sort((a, b) => (busy.get(a) ?? 0) - (busy.get(b) ?? 0))];
  },

  fastest: (candidates, { loads }) => {
    const cost = new Map(candidates.map((one) => [one, loads.cost(one.loadId) / one.weight]));
    const byCost = [...candidates].sort((a, b) => (cost.get(a) ?? 0) - (cost.get(b) ?? 0));
    // The better of two at random: taking the best of all would send everyone to it at once.
    const [one, other] = twoOf(byCost.length);
    const [first] = byCost.splice(Math.min(one, other), 1);
    return first === undefined ? byCost : [first, ...byCost];
  },
};

/** Two different places, or the only one. */
function twoOf(length: number): readonly [number, number] {
  const one = Math.floor(Math.random() * length);
  if (length < 2) return [one, one];
  const other = Math.floor(Math.random() * (length - 1));
  return [one, other < one ? other : other + 1];
}
