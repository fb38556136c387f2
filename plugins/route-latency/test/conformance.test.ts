import { describeStrategy } from '@signalbox/testkit/suites';
import latency from '../src/index.ts';

describeStrategy(latency, {
  config: {
    candidates: 'auto',
    percentile: 'p50',
    outputTokens: 0,
    windowMinutes: 15,
    minSamples: 3,
    explore: 0.05,
    tolerance: 0.1,
  },
  cases: [
    { name: 'leaves a plan of which nothing was measured', model: 'x', standing: ['a/x', 'b/y'], expect: undefined },
    { name: 'has no opinion without a plan', model: 'x', expect: undefined },
  ],
});
