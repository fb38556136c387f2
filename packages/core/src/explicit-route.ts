import { parseTarget, Stage } from '@signalbox/kit';
import type { CoreHooks } from './hooks.ts';

const NAME = 'core';

/**
 * A client that asks for `provider/model` gets it where no strategy says otherwise, so that a gateway needs none to serve.
 * What refines plans, such as fallbacks, applies to it.
 */
export function routeExplicitNames({ route }: CoreHooks, hasProvider: (name: string) => boolean): void {
  route.tap({ name: NAME, stage: Stage.Refine - 1 }, (plan, exchange) => {
    if (plan !== undefined) return plan;
    const target = parseTarget(exchange.model);
    if (target === undefined || !hasProvider(target.provider)) return undefined;
    const reason = `the model name asks for the provider ${target.provider}`;
    exchange.routing.push({ strategy: NAME, said: reason, targets: [target] });
    return { targets: [target], named: target, reason };
  });
}
