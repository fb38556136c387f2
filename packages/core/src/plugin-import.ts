import { registerHooks } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ImportPlugin } from './plugin-host.ts';

const OWN_SCOPE = /^@signalbox\//;
let hooked = false;

/**
 * Imports a plugin as if the config file did, so that its folder's packages and files are found. A package of our own
 * scope that is not there is taken from this installation: a plugin file next to a config needs no node_modules, and
 * all plugins share one kit.
 */
export const importPluginModule: ImportPlugin = async (name, dir) => {
  fallBackToOwnPackages();
  const url = resolveFrom(name, pathToFileURL(join(dir, 'signalbox.jsonc')).href);
  return { module: (await import(url)) as { default?: unknown }, url };
};

let resolveFrom: (name: string, parent: string) => string = (name) => name;

function fallBackToOwnPackages(): void {
  if (hooked) return;
  hooked = true;
  let asked: { name: string; parent: string; url: string | undefined } | undefined;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const parentURL = asked !== undefined && specifier === asked.name ? asked.parent : context.parentURL;
      try {
        return note(nextResolve(specifier, { ...context, parentURL }));
      } catch (error) {
        if (!OWN_SCOPE.test(specifier)) throw error;
        return note(nextResolve(specifier, { ...context, parentURL: import.meta.url }));
      }
      function note<T extends { url: string }>(result: T): T {
        if (asked !== undefined && specifier === asked.name) asked.url = result.url;
        return result;
      }
    },
  });
  // `import.meta.resolve` runs the hooks above, which stand in the config's place.
  resolveFrom = (name, parent) => {
    asked = { name, parent, url: undefined };
    try {
      return import.meta.resolve(name);
    } finally {
      asked = undefined;
    }
  };
}
