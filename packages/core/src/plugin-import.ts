import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ImportPlugin } from './plugin-host.ts';

const OWN_SCOPE = /^@signalbox\//;

/** Modules whose packages stand in for packages of our own scope that a config's folder does not have. */
const installations = new Set<string>([import.meta.url]);
let asked: { readonly name: string; readonly parentURL: string } | undefined;
let hooked = false;

/**
 * Imports plugins as if the config file did, so that its folder's packages and files are found. A package of our own
 * scope that is not there is taken from this installation, of which `urls` are modules: a plugin file next to a config
 * needs no node_modules, and all plugins share one kit.
 */
export function pluginImporter(...urls: readonly string[]): ImportPlugin {
  for (const url of urls) installations.add(url);
  return async (name, dir) => {
    installHooks();
    asked = { name, parentURL: pathToFileURL(join(dir, 'signalbox.jsonc')).href };
    let url: string;
    try {
      url = import.meta.resolve(name);
    } finally {
      asked = undefined;
    }
    return { module: (await import(url)) as { default?: unknown }, url };
  };
}

function installHooks(): void {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const parentURL = asked?.name === specifier ? asked.parentURL : context.parentURL;
      try {
        return nextResolve(specifier, { ...context, parentURL });
      } catch (error) {
        if (!OWN_SCOPE.test(specifier)) throw error;
        for (const installation of installations) {
          try {
            return nextResolve(specifier, { ...context, parentURL: installation });
          } catch {
            // The next one may have it; if none has, the first error says where it was looked for.
          }
        }
        throw error;
      }
    },
  });
}
