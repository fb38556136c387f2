import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type Config, configOf, loadConfig } from '@signalbox/core';
import type { CommonOptions } from './arguments.ts';

/** The config of a start without a file. */
export const DEFAULT_PRESET = '@signalbox/preset-default';

/**
 * The config that a command works with, options of the command line included.
 * @throws {ConfigError}
 */
export function readConfig(options: CommonOptions, env: NodeJS.ProcessEnv): Promise<Config> {
  return readConfigFile(configFile(options, env), options, env);
}

/** The same for a file that has been looked for already; `undefined`: there is none. */
export async function readConfigFile(
  file: string | undefined,
  options: CommonOptions,
  env: NodeJS.ProcessEnv,
): Promise<Config> {
  const config = file === undefined ? configOf([[DEFAULT_PRESET]], { env }) : await loadConfig(file, env);
  const { host = config.server.host, port = config.server.port } = options;
  return { ...config, server: { ...config.server, host, port } };
}

/** Where the config is, `undefined` where there is none. A file that was named is taken whether or not it exists. */
export function configFile({ config }: Pick<CommonOptions, 'config'>, env: NodeJS.ProcessEnv): string | undefined {
  const named = config ?? (env.SIGNALBOX_CONFIG || undefined);
  if (named !== undefined) return resolve(named);
  const configHome = env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config');
  return [resolve('signalbox.jsonc'), join(configHome, 'signalbox', 'signalbox.jsonc')].find((file) =>
    existsSync(file),
  );
}
