import { compileCandidates, defineStrategy, formatTarget } from '@signalbox/kit';
import { configSchema } from './config.ts';
import { type Rated, rank } from './rank.ts';
import { SessionReports } from './session-costs.ts';

export type { CostConfig } from './config.ts';

/**
 * Puts the cheapest target first, by what this request would cost at each: its prompt, the part of it that a target has
 * in its cache from the session's last answers, and an answer of the expected length. What has no known price comes last.
 * A target that the client named itself stays.
 */
export default defineStrategy({
  id: 'cost',
  configSchema,
  create: (options, host) => {
    const candidates = compileCandidates(options.candidates, host);
    const reports = host.kept('route-cost', () => new SessionReports());
    return {
      ready: () => candidates.check(),
      chooseLast: (exchange) => candidates.choose(exchange),
      refine: (plan, exchange) => {
        const compared = candidates.of(plan, exchange);
        if (compared === undefined) return undefined;
        const priced = compared.targets.map((target) => ({ target, prices: host.modelInfo(target)?.prices }));
        const ranked = rank(priced, exchange, reports, options);
        const [cheapest] = ranked;
        if (cheapest === undefined || !cheapest.priced) return undefined;
        const targets = [...ranked.map(({ target }) => target), ...compared.others];
        return targets.length < 2 ? undefined : { targets, reason: `${plan.reason}; ${describe(cheapest, ranked)}` };
      },
      attempted: (attempt, exchange) => reports.learn(attempt, exchange),
    };
  },
});

function describe({ target, usd }: Rated, ranked: readonly Rated[]): string {
  const cost = usd === undefined ? '' : ` at about $${Number(usd.toPrecision(2))}`;
  const unknown = ranked.filter(({ priced }) => !priced).map((one) => formatTarget(one.target));
  const rest = unknown.length === 0 ? '' : `, no price known of ${unknown.join(', ')}`;
  return `${formatTarget(target)} is the cheapest of ${ranked.length}${cost}${rest}`;
}
