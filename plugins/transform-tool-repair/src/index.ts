import { compilePattern, definePlugin, type FunctionTool, formatTarget, mapEvents } from '@signalbox/kit';
import { ToolSchemas } from '@signalbox/kit/tool-schemas';
import { configSchema } from './config.ts';
import type { Wanted } from './mend.ts';
import { repairCalls } from './repair-calls.ts';

export type { ToolRepairConfig } from './config.ts';

const NAME = 'transform-tool-repair';

/** Checks the arguments of tool calls against the client's own schemas, and mends what is mechanically mendable. */
export default definePlugin({
  name: NAME,
  configSchema,
  apply({ hooks, kept }, { repairs, targets }) {
    const schemas = kept(NAME, () => new ToolSchemas({ everyMisfit: true }));
    const allowed = new Set(repairs);
    const patterns = targets?.map((target) => compilePattern(target));
    hooks.transformOut.tap(NAME, (reply, exchange) => {
      const { target } = exchange;
      if (patterns !== undefined) {
        const name = target === undefined ? '' : formatTarget(target);
        if (!patterns.some((pattern) => pattern.fits(name))) return reply;
      }
      const tools = new Map<string, FunctionTool>();
      for (const tool of exchange.request.tools) if (tool.type === 'function') tools.set(tool.name, tool);
      if (tools.size === 0) return reply;
      const wantedBy = (name: string): Wanted | undefined => {
        const schema = tools.get(name)?.inputSchema;
        const check = schema === undefined ? undefined : schemas.checkFor(schema);
        return schema === undefined || check === undefined ? undefined : { schema, check };
      };
      let mended = false;
      const { notes } = exchange;
      const mapped = mapEvents(reply, () =>
        repairCalls({
          wantedBy,
          allowed,
          notes,
          onMended: () => {
            mended = true;
          },
        }),
      );
      // A whole reply is mapped by now: one that needed nothing goes out as the provider sent it.
      return reply.kind === 'whole' && !mended ? reply : mapped;
    });
  },
});
