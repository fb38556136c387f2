import { definePlugin, errors, SignalboxError } from '@signalbox/kit';
import { configSchema } from './config.ts';
import { createKeyRing, keyId } from './key-ring.ts';
import { presentedKeys } from './presented-key.ts';

export type { ApiKeyConfig } from './config.ts';

const NAME = 'auth-api-key';

/** Lets callers in by a key of the gateway, or takes note of their own key for the providers. */
export default definePlugin({
  name: NAME,
  configSchema,
  apply: ({ hooks }, { mode, keys }) => {
    if (mode === 'forward') {
      if (keys.length > 0) throw new SignalboxError('BAD_CONFIG', 'keys: have no use in the mode "forward".');
      hooks.auth.tap(NAME, ({ headers }) => {
        const [key] = presentedKeys(headers);
        return key === undefined ? undefined : { id: keyId(key), credential: key };
      });
      return;
    }
    if (keys.length === 0) throw new SignalboxError('BAD_CONFIG', 'keys: list at least one.');
    const find = createKeyRing(keys.map((key) => (typeof key === 'string' ? { key } : key)));
    hooks.auth.tap(NAME, ({ headers }) => {
      const presented = presentedKeys(headers);
      if (presented.length === 0) return undefined;
      for (const key of presented) {
        const principal = find(key);
        if (principal !== undefined) return principal;
      }
      throw errors.unauthenticated('This gateway does not know the key that was sent.');
    });
  },
});
