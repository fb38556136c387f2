import { definePlugin, Stage } from '@signalbox/kit';
import { configSchema } from './config.ts';
import { removeTags } from './remove-tags.ts';
import { compileRules } from './rules.ts';
import { isSubagent } from './subagent.ts';
import { mayHoldTag } from './tag.ts';

export type { SubagentsConfig } from './config.ts';

const NAME = 'route-subagents';

/**
 * Chooses the target of a Claude Code subagent's request: by a tag in its prompt, by what its prompt says, by its name.
 * It has no opinion about any other request, but for a tag in the first user message. No provider gets to see a tag.
 */
export default definePlugin({
  name: NAME,
  configSchema,
  apply: (host, options) => {
    const { hooks } = host;
    const rules = compileRules(options, (name) => host.hasProvider(name));
    hooks.ready.tap(NAME, () => rules.check());
    hooks.route.tap({ name: NAME, stage: Stage.Rule }, (plan, exchange) => {
      if (plan !== undefined) return plan;
      const chosen = rules.choose(exchange);
      exchange.routing.push({ strategy: NAME, said: chosen?.reason, ...(chosen && { targets: chosen.targets }) });
      return chosen;
    });
    if (!options.tags) return;
    // Ahead of names, wherever this plugin stands: an agent inherits the name that somebody typed for its main loop.
    hooks.route.tap({ name: NAME, stage: Stage.Early - 1 }, (plan, exchange) => {
      if (plan !== undefined) return plan;
      const chosen = rules.ownTag(exchange);
      if (chosen !== undefined) {
        exchange.routing.push({ strategy: NAME, said: chosen.reason, targets: chosen.targets });
      }
      return chosen;
    });
    // Early, so that other transforms see the prompt as the provider will.
    hooks.transformIn.tap(
      { name: NAME, stage: Stage.Early, when: (_target, exchange) => mayHoldTag(exchange) },
      (request, _target, exchange) => removeTags(request, isSubagent(exchange) ? 'anywhere' : 'start', exchange.notes),
    );
  },
});
