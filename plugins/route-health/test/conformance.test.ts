import { describeStrategy } from '@signalbox/testkit/suites';
import health from '../src/index.ts';

describeStrategy(health, {
  config: {
    consecutiveFailures: 5,
    errorRate: 0.5,
    minRequests: 20,
    windowMs: 60_000,
    openMs: 10_000,
    maxOpenMs: 300_000,
    on: ['PROVIDER_FAILED'],
  },
  cases: [
    { name: 'leaves a plan alone while all is well', model: 'm', standing: ['a/x', 'b/y'], expect: undefined },
    { name: 'has no opinion without a plan', model: 'm', expect: undefined },
  ],
});
