import { basename } from 'node:path';
import type { Exchange, PluginHost } from '@signalbox/kit';
import type { ScriptAnswer } from './answer.ts';
import type { ScriptLoader } from './load.ts';
import { withinTime } from './time-limit.ts';

const UNCHANGED = 'only an ES module is loaded again, and not what it imports. Restart the gateway';

/** What a script exports by default. */
export type RouteScript = (exchange: Exchange) => ScriptAnswer | Promise<ScriptAnswer>;

/** A script and its newest version that loads. */
export interface Script {
  /** The file's name, for logs and reasons. */
  readonly name: string;
  /** The function to ask now: loads the file again where it has changed, and keeps the old version where that fails. */
  current(): RouteScript | Promise<RouteScript>;
}

/**
 * Loads a script for the first time.
 * @throws {Error} that names the file, where it is missing, cannot be loaded in time, or exports no function.
 */
export async function openScript(
  path: string,
  { loader, timeoutMs, host }: { loader: ScriptLoader; timeoutMs: number; host: Pick<PluginHost, 'log'> },
): Promise<Script> {
  const name = basename(path);
  const load = async (version: string | undefined): Promise<RouteScript> => {
    if (version === undefined) throw new Error(`there is no file ${path}`);
    const { default: choose } = await withinTime(loader.load(path, version), timeoutMs);
    if (typeof choose !== 'function') throw new Error('its default export must be a function');
    return choose as RouteScript;
  };

  let seen = loader.versionOf(path);
  let newest: RouteScript;
  try {
    newest = await load(seen);
  } catch (error) {
    throw new Error(`${name} cannot be loaded: ${messageOf(error)}`, { cause: error });
  }
  let loading: Promise<RouteScript> | undefined;

  const reload = async (version: string | undefined): Promise<RouteScript> => {
    try {
      const choose = await load(version);
      // A still newer version may have been faster.
      if (version !== seen) return newest;
      if (choose === newest) {
        host.log.warn({ file: path }, `${name} has changed, but its function has not: ${UNCHANGED}`);
      } else {
        newest = choose;
        host.log.info({ file: path }, `${name} was loaded again`);
      }
    } catch (error) {
      host.log.error(
        { file: path, err: error },
        `${name} cannot be loaded: ${messageOf(error)}. Its last version stays`,
      );
    } finally {
      if (version === seen) loading = undefined;
    }
    return newest;
  };

  return {
    name,
    current: () => {
      const version = loader.versionOf(path);
      if (version !== seen) {
        seen = version;
        loading = reload(version);
      }
      return loading ?? newest;
    },
  };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
