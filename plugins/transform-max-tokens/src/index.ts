import { definePlugin } from '@signalbox/kit';
import { clampOutput } from './clamp.ts';
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
    hooks.transformIn.tap(NAME, (request, target, { notes }) => {
      const limit = limitOf(target);
      return limit === undefined ? request : clampOutput(request, limit, notes);
    });
  },
});
