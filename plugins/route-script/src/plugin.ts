import { resolve } from 'node:path';
import {
  definePlugin,
  type Exchange,
  type Plugin,
  parseTarget,
  type RoutePlan,
  SignalboxError,
  Stage,
} from '@signalbox/kit';
import { readAnswer } from './answer.ts';
import { configSchema } from './config.ts';
import { interruptAfter } from './interrupt.ts';
import type { ScriptLoader } from './load.ts';
import { readOnlyObject } from './read-only.ts';
import { messageOf, openScript, type Script } from './script.ts';
import { withinTime } from './time-limit.ts';

const NAME = 'route-script';

/** The plugin, with its way to files. */
export function routeScript(loader: ScriptLoader): Plugin {
  return definePlugin({
    name: NAME,
    configSchema,
    apply: async (host, { file, timeoutMs, interrupt, overrules }) => {
      const path = resolve(host.configDir, file);
      let script: Script;
      try {
        script = await openScript(path, { loader, timeoutMs, host });
      } catch (error) {
        throw new SignalboxError('BAD_CONFIG', `file: ${messageOf(error)}.`, { cause: error });
      }
      const hasProvider = (name: string): boolean => host.hasProvider(name);

      const ask = async (exchange: Exchange): Promise<RoutePlan | undefined> => {
        try {
          const choose = await script.current();
          const call = () => choose(readOnlyObject(exchange));
          const answer = interrupt ? interruptAfter(call, timeoutMs) : call();
          const said = isPending(answer) ? await withinTime(answer, timeoutMs) : answer;
          const plan = readAnswer(said, script.name, hasProvider);
          exchange.routing.push({ strategy: NAME, said: plan?.reason, ...(plan && { targets: plan.targets }) });
          return plan;
        } catch (error) {
          host.log.error(
            { exchange: exchange.id, file: path, err: error },
            `${script.name} failed: ${messageOf(error)}. The next routing plugin decides`,
          );
          exchange.routing.push({ strategy: NAME, said: `${script.name} failed: ${messageOf(error)}` });
          return undefined;
        }
      };
      const stage = overrules ? Stage.Early - 2 : Stage.Rule;
      host.hooks.route.tapPromise({ name: NAME, stage }, async (plan, exchange) => {
        if (plan !== undefined) return plan;
        const named = overrules ? undefined : parseTarget(exchange.model);
        return named !== undefined && hasProvider(named.provider) ? undefined : ask(exchange);
      });
    },
  });
}

function isPending<T>(answer: T | PromiseLike<T>): answer is PromiseLike<T> {
  return typeof (answer as PromiseLike<T> | undefined)?.then === 'function';
}
