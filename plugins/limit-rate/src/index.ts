import { type Admission, definePlugin, errors, Stage, unknownProvider } from '@signalbox/kit';
import { ClientLimits } from './client-limits.ts';
import { configSchema } from './config.ts';
import { Limiters } from './limiters.ts';
import { placeOf } from './rules.ts';
import { TargetLimits } from './target-limits.ts';

export type { RateConfig } from './config.ts';

const NAME = 'limit-rate';

/**
 * Limits requests, tokens and concurrency per caller and per target. Tokens are reserved by an estimate and settled with
 * the usage. Over a caller's limit there is a 429; over a target's the next target is asked. Both may wait before.
 */
export default definePlugin({
  name: NAME,
  configSchema,
  apply: (host, options) => {
    const { hooks, kept, keysOf, addHealth } = host;
    const limiters = kept(NAME, () => new Limiters());
    const closing = new AbortController();
    const ofClients = new ClientLimits(options, limiters, closing.signal);
    const ofTargets = new TargetLimits(options, limiters, keysOf, closing.signal);
    const limitsClients = Object.keys(options.clients).length > 0;

    hooks.ready.tap(NAME, () => {
      for (const pattern of Object.keys(options.targets)) {
        const why = unknownProvider(pattern, host);
        if (why !== undefined) host.log.warn({ plugin: NAME }, `${placeOf('targets', pattern)} limits nothing: ${why}`);
      }
    });
    addHealth('limits', () => limiters.state());
    hooks.close.tap(NAME, () => closing.abort(errors.unavailable('The gateway is stopping.')));
    if (limitsClients) {
      hooks.route.tap({ name: NAME, stage: Stage.Early }, (plan, exchange) => {
        ofClients.check(exchange);
        return plan;
      });
      // Early, so that no other tap's failure comes before.
      hooks.log.tap({ name: NAME, stage: Stage.Early }, (record) => ofClients.finish(record));
    }
    hooks.route.tap({ name: NAME, stage: Stage.Late }, (plan, { operation }) => {
      if (plan === undefined || operation !== 'chat') return plan;
      const admit: readonly Admission[] = [
        ...(limitsClients ? [ofClients.admit] : []),
        ...(ofTargets.concern(plan) ? [ofTargets.admit] : []),
      ];
      // Before all others: who waits here runs nowhere yet.
      return admit.length === 0 ? plan : { ...plan, admit: [...admit, ...(plan.admit ?? [])] };
    });
  },
});
