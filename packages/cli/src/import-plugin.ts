import { pluginImporter } from '@signalbox/core';

/** Finds a config's plugins; those of our own scope also among what this command and the default preset depend on. */
export function pluginsOfThisInstallation(): ReturnType<typeof pluginImporter> {
  return pluginImporter(import.meta.url, import.meta.resolve('@signalbox/preset-default'));
}
