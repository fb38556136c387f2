import { registerHooks } from 'node:module';

const OWN_SCOPE = /^@signalbox\//;

/**
 * Lets packages of our own scope be found from anywhere: what a config or a plugin file does not have beside it comes
 * from this installation, first what the command depends on, then what the default preset does. Call it before the
 * core is used: its own hook asks this one last.
 */
export function offerOwnPackages(): void {
  let preset: string | undefined;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      try {
        return nextResolve(specifier, context);
      } catch (error) {
        if (!OWN_SCOPE.test(specifier)) throw error;
        try {
          return nextResolve(specifier, { ...context, parentURL: import.meta.url });
        } catch {
          preset ??= nextResolve('@signalbox/preset-default', { ...context, parentURL: import.meta.url }).url;
          return nextResolve(specifier, { ...context, parentURL: preset });
        }
      }
    },
  });
}
