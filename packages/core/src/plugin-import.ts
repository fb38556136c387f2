import { createRequire, registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ImportPlugin } from './plugin-host.ts';

const OWN_SCOPE = /^@signalbox\//;
const FILE_SPECIFIER = /^(\.{0,2}\/|file:)/;

/** Imports plugins, and imports them again. */
export interface PluginImporter extends ImportPlugin {
  /**
   * An importer for one generation: from the second one on, plugin files and what they import from files beside them are
   * loaded as they are now. Packages and CommonJS modules stay as they were first loaded: Node keeps the latter by file,
   * and what it knows of their re-exports cannot be taken back. `onFile` is told the path of each file before it is
   * read, those that are missing included, and later ones where a plugin imports as it goes.
   */
  fresh(onFile: (path: string) => void): ImportPlugin;
}

/** One pass over the plugin files: what belongs together, because it was loaded for the same generation. */
interface Pass {
  /** 0: the first one, whose modules need no name of their own. */
  readonly version: number;
  readonly files: Set<string>;
  readonly onFile: (path: string) => void;
}

/** Modules whose packages stand in for packages of our own scope that a config's folder does not have. */
const installations = new Set<string>([import.meta.url]);
/** Who loaded a module: by its URL, version included, for imports; CommonJS knows files only, so there the last pass has it. */
const importedBy = new Map<string, Pass>();
const requiredBy = new Map<string, Pass>();
let asked: { readonly name: string; readonly parentURL: string; readonly pass: Pass | undefined } | undefined;
let versions = 0;
let hooked = false;

/**
 * Imports plugins as if the config file did, so that its folder's packages and files are found. A package of our own
 * scope that is not there is taken from this installation, of which `urls` are modules: a plugin file next to a config
 * needs no node_modules, and all plugins share one kit.
 */
export function pluginImporter(...urls: readonly string[]): PluginImporter {
  for (const url of urls) installations.add(url);
  const importer =
    (pass?: Pass): ImportPlugin =>
    async (name, dir) => {
      installHooks();
      asked = { name, parentURL: pathToFileURL(join(dir, 'signalbox.jsonc')).href, pass };
      let url: string;
      try {
        url = import.meta.resolve(name);
      } finally {
        asked = undefined;
      }
      try {
        return { module: (await import(url)) as { default?: unknown }, url };
      } catch (error) {
        throw withPlace(error);
      }
    };
  return Object.assign(importer(), {
    fresh: (onFile: Pass['onFile']) => importer({ version: versions++, files: new Set(), onFile }),
  });
}

function installHooks(): void {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      const plugin = asked?.name === specifier ? asked : undefined;
      const parentURL = plugin?.parentURL ?? context.parentURL;
      const resolveFrom = (url: string | undefined) => nextResolve(specifier, { ...context, parentURL: url });

      const required = context.conditions?.includes('require') === true;
      const pass = plugin?.pass ?? (required ? requiredBy : importedBy).get(parentURL ?? '');
      if (pass !== undefined && FILE_SPECIFIER.test(specifier)) {
        const wanted = new URL(specifier, parentURL);
        if (isOwnFile(wanted.href)) {
          open(fileURLToPath(wanted), pass);
          return claim(resolveFrom(parentURL), pass, required);
        }
      }

      try {
        return resolveFrom(parentURL);
      } catch (error) {
        if (!OWN_SCOPE.test(specifier)) throw error;
        for (const installation of installations) {
          try {
            // For `require` Node looks from the module that called it, whatever it is told.
            if (!required) return resolveFrom(installation);
            return { url: pathToFileURL(createRequire(installation).resolve(specifier)).href, shortCircuit: true };
          } catch {
            // The next one may have it; if none has, the first error says where it was looked for.
          }
        }
        throw error;
      }
    },
  });
}

/** Packages are what npm put there: they change with an installation, not with an edit. */
function isOwnFile(url: string): boolean {
  return url.startsWith('file:') && !url.includes('/node_modules/');
}

/** A file is about to be loaded in this pass. */
function open(path: string, pass: Pass): void {
  if (pass.files.has(path)) return;
  pass.files.add(path);
  pass.onFile(path);
}

/** The module as one of this pass: Node keeps modules by URL, so a version in it makes a new one. */
function claim<T extends { url: string }>(resolved: T, pass: Pass, required: boolean): T {
  requiredBy.set(resolved.url, pass);
  // It may differ from what was asked for: behind a symbolic link, or with the extension that `require` found.
  open(fileURLToPath(resolved.url), pass);
  if (required) return resolved;
  const query = pass.version === 0 ? '' : `${resolved.url.includes('?') ? '&' : '?'}signalbox=${pass.version}`;
  const url = resolved.url + query;
  importedBy.set(url, pass);
  return { ...resolved, url };
}

/**
 * Node writes the place of a syntax error above the stack, and of a file that may be far from the plugin's own: the file
 * and the line, the line itself, and a mark below the column.
 */
function withPlace(error: unknown): unknown {
  if (!(error instanceof SyntaxError)) return error;
  const [head = '', ...rest] = error.stack?.split('\n') ?? [];
  const place = /^(\S.*):(\d+)$/.exec(head);
  const mark = rest.find((line) => /^\s*\^+$/.test(line));
  if (place === null || mark === undefined) return error;
  const [, file = '', line] = place;
  const path = file.startsWith('file:') ? fileURLToPath(file) : file;
  return new SyntaxError(`${path}:${line}:${mark.indexOf('^') + 1}: ${error.message}`, { cause: error });
}
