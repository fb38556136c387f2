import { defineStrategy } from '@signalbox/kit';
import { configSchema } from './config.ts';
import { compileRules } from './rules.ts';

export type { ScenariosConfig } from './config.ts';

/**
 * Chooses one target by the model's name. In this order: a name that begins with a configured provider
 * (`openrouter/x/y`, `openrouter,x/y`), an entry of `models`, its patterns from the longest literal start to the
 * shortest, background work, the default.
 */
export default defineStrategy({
  id: 'scenarios',
  configSchema,
  create: (options, host) => {
    const rules = compileRules(options, host);
    const names = Object.keys(options.models)
      .filter((name) => !name.includes('*'))
      .map((id) => ({ id }));
    return {
      choose: ({ model }) => rules.choose(model),
      models: () => names,
      ready: () => rules.check(),
    };
  },
});
