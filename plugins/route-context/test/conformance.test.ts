import { describeStrategy } from '@signalbox/testkit/suites';
import context from '../src/index.ts';

/** The suite's host knows nothing of any model, and what is not known is not too small; see index.test.ts for the rest. */
describeStrategy(context, {
  config: { larger: {}, margin: 1.05 },
  cases: [
    { name: 'leaves a plan of which no window is known', model: 'x', standing: ['a/x', 'b/y'], expect: undefined },
    { name: 'has no opinion without a plan', model: 'x', expect: undefined },
  ],
});
