import { clampOutput, definePlugin, type Exchange, type Target } from '@signalbox/kit';
import { configSchema } from './config.ts';
import { compileLimits } from './limits.ts';

export type { MaxTokensConfig } from './config.ts';

const NAME = 'transform-max-tokens';

/** Keeps requests within what a target can write, and says so. Without limits it taps nothing, and costs nothing. */
export default definePlugin({
  name: NAME,
  configSchema,
  apply: ({ hooks }, options) => {
    const limitOf = compileLimits(options);
    if (limitOf === undefined) return;
    // A count has no answer to limit.
    const when = (_target: Target, { operation }: Exchange): boolean => operation !== 'count-tokens';
    hooks.transformIn.tap({ name: NAME, when }, (request, target, { notes }) => {
      const limit = limitOf(target);
      return limit === undefined ? request : clampOutput(request, limit, notes);
    });
  },
});
