import { defineStrategy } from '@signalbox/kit';
import { configSchema } from './config.ts';
import { compileRules } from './rules.ts';

export type { RulesConfig } from './config.ts';

/**
 * Chooses by rules: the first one whose condition holds says the targets, or draws one of several for each session. A
 * condition is an expression in CEL over what is known of the request, compiled at the start.
 */
export default defineStrategy({
  id: 'rules',
  configSchema,
  create: (options, host) => {
    const rules = compileRules(options, host);
    return {
      named: (exchange) => rules.named(exchange),
      choose: (exchange) => rules.choose(exchange),
      decidesAll: rules.decidesAll,
      ready: () => rules.check(),
    };
  },
});
