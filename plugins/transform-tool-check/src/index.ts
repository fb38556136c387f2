import { compilePattern, definePlugin, formatTarget, Stage, watchEvents } from '@signalbox/kit';
import { ToolSchemas } from '@signalbox/kit/tool-schemas';
import { CallNotes } from './call-notes.ts';
import { checkMessage, watchCalls } from './check-calls.ts';
import { configSchema } from './config.ts';

export type { ToolCheckConfig } from './config.ts';

const NAME = 'transform-tool-check';

/**
 * Checks the tool calls of translated answers against what the client declared, and notes what does not fit. Nothing is
 * held back or changed.
 */
export default definePlugin({
  name: NAME,
  configSchema,
  apply({ hooks, kept }, { targets }) {
    const schemas = kept(NAME, () => new ToolSchemas());
    const patterns = targets?.map((target) => compilePattern(target));
    // Late: calls are checked as the client gets them.
    hooks.transformOut.tap({ name: NAME, stage: Stage.Late }, (reply, exchange) => {
      const { lane, target } = exchange;
      // What passes through is not looked into.
      if (lane === 'pass-through') return reply;
      if (patterns !== undefined) {
        const name = target === undefined ? '' : formatTarget(target);
        if (!patterns.some((pattern) => pattern.fits(name))) return reply;
      }
      const notes = new CallNotes(schemas, exchange);
      if (reply.kind === 'stream') return watchEvents(reply, watchCalls(notes));
      checkMessage(reply.message, notes);
      return reply;
    });
  },
});
