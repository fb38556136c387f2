import { describeStrategy } from '@signalbox/testkit/suites';
import capability from '../src/index.ts';

/** The suite's host knows nothing of any model, which is held against none; see index.test.ts for the rest. */
describeStrategy(capability, {
  config: { onNone: 'refuse' },
  cases: [
    {
      name: 'leaves a plan of whose models nothing is known',
      model: 'x',
      request: { tools: [{ type: 'function', name: 'Read' }] },
      standing: ['a/x', 'b/y'],
      expect: undefined,
    },
    { name: 'has no opinion without a plan', model: 'x', expect: undefined },
  ],
});
