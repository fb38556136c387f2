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
  apply: ({ hooks, formatOf }, options) => {
    const { attribution, clock } = options;
    const except = new Set(options.except);
    if (attribution === 'keep' && clock === 'keep') return;
    const when = ({ provider }: Target, { rawBody, format: clientFormat }: Exchange): boolean => {
      const format = formatOf(provider);
      if (except.has(provider) || (format !== undefined && except.has(format))) return false;
      // A request that leaves its format is decoded anyhow; another one only if it may hold something.
      if (format !== clientFormat) return true;
      return (attribution === 'drop' && rawBody.includes(MARK)) || (clock === 'hour' && mayHoldClock(rawBody));
    };
    hooks.transformIn.tap({ name: NAME, stage: Stage.Early, when }, (request, _target, { notes }) =>
      stabilise(request, options, notes),
    );
  },
});
