import { compileCandidates, defineStrategy } from '@signalbox/kit';
import { configSchema } from './config.ts';
import { Latencies } from './latencies.ts';
import { order } from './order.ts';

export type { LatencyConfig } from './config.ts';

/**
 * Puts the fastest target first, by the time that its last answers took to their first content, and to their end where
 * the options say so. Now and then a request goes to a target of which too little is known. A target that the client
 * named itself stays.
 */
export default defineStrategy({
  id: 'latency',
  configSchema,
  create: (options, host) => {
    const candidates = compileCandidates(options.candidates, host);
    const latencies = host.kept('route-latency', () => new Latencies());
    return {
      ready: () => candidates.check(),
      chooseLast: (exchange) => candidates.choose(exchange),
      refine: (plan, exchange) => {
        const compared = candidates.of(plan, exchange);
        if (compared === undefined || compared.targets.length < 2) return undefined;
        const ordered = order(compared.targets, exchange, latencies, options);
        if (ordered === undefined) return undefined;
        return { targets: [...ordered.targets, ...compared.others], reason: `${plan.reason}; ${ordered.why}` };
      },
      attempted: (attempt, exchange) => latencies.learn(attempt, exchange),
    };
  },
});
