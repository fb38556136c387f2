import { describeStrategy } from '@signalbox/testkit/suites';
import cost from '../src/index.ts';

/** The suite's host knows no prices, so there is nothing to compare; see index.test.ts for the rest. */
describeStrategy(cost, {
  config: { candidates: { 'x-*': ['a/cheap'] }, expectedOutputTokens: 1_000, cacheMinutes: 5 },
  cases: [
    { name: 'leaves a plan of which no price is known', model: 'x-1', standing: ['a/x', 'b/y'], expect: undefined },
    { name: 'chooses its candidates without a plan', model: 'x-1', expect: ['a/cheap'] },
    { name: 'has no opinion without a plan on what is no candidate', model: 'y-1', expect: undefined },
  ],
});
