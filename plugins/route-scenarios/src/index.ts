import { defineStrategy } from '@signalbox/kit';
import { configSchema } from './config.ts';
import { compileRules } from './rules.ts';

export type { ScenariosConfig } from './config.ts';

/**
 * Chooses one target by the model's name and by what kind of request it is. In this order: a name that begins with a
 * configured provider (`openrouter/x/y`, `openrouter,x/y`), an entry of `models`, the scenarios and the patterns of
 * `models` in an order of their own, the default.
 */
export default defineStrategy({
  id: 'scenarios',
  configSchema,
  create: (options, host) => {
    const rules = compileRules(options, host);
    return {
      named: (exchange) => rules.named(exchange),
      choose: (exchange) => rules.choose(exchange),
      decidesAll: rules.decidesAll,
      models: () => rules.models(),
      ready: () => rules.check(),
    };
  },
});
