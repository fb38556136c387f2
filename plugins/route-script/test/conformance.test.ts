import type { Exchange } from '@signalbox/kit';
import { describeStrategy } from '@signalbox/testkit/suites';
import { routeScript } from '../src/plugin.ts';

const choose = ({ model }: Exchange) =>
  model === 'many' ? { targets: ['a/1', 'b/2'], reason: 'many are better' } : model === 'one' ? 'a/1' : undefined;

/** The suite's host has no providers, so whatever a script names is refused there; see plugin.test.ts for the rest. */
const script = routeScript({ versionOf: () => '1', load: async () => ({ default: choose }) });

describeStrategy(script, {
  config: { file: 'route.ts', timeoutMs: 30_000 },
  cases: [
    { name: 'has no opinion where the script has none', model: 'other', expect: undefined },
    { name: 'has no opinion where no such provider is configured', model: 'one', expect: undefined },
    { name: 'refuses a plan of which no provider is configured', model: 'many', expect: undefined },
    { name: 'leaves a plan that stands', model: 'one', standing: ['c/d'], expect: undefined },
  ],
});
