import { definePlugin, type Exchange, Stage, type Target } from '@signalbox/kit';
import { ATTRIBUTION_MARK } from './attribution.ts';
import { mayHoldClock } from './clock.ts';
import { configSchema } from './config.ts';
import { stabilise } from './stabilise.ts';

export type { StablePrefixConfig } from './config.ts';

const NAME = 'transform-stable-prefix';
const MARK = Buffer.from(ATTRIBUTION_MARK);

/** Takes out of system prompts what differs from request to request, so that providers find them in their caches. */
export default definePlugin({
  name: NAME,
  configSchema,
  apply: ({ hooks, formatOf, laneOf }, options) => {
    const { attribution, clock } = options;
    const except = new Set(options.except);
    if (attribution === 'keep' && clock === 'keep') return;
    const when = (target: Target, exchange: Exchange): boolean => {
      const format = formatOf(target.provider);
      if (except.has(target.provider) || (format !== undefined && except.has(format))) return false;
      // A request that is decoded anyhow costs nothing more; another one is only decoded if it may hold something.
      if (laneOf(target, exchange) !== 'pass-through') return true;
      const { rawBody } = exchange;
      return (attribution === 'drop' && rawBody.includes(MARK)) || (clock === 'hour' && mayHoldClock(rawBody));
    };
    hooks.transformIn.tap({ name: NAME, stage: Stage.Early, when }, (request, _target, { notes }) =>
      stabilise(request, options, notes),
    );
  },
});
