import { describeStrategy } from '@signalbox/testkit/suites';
import affinity from '../src/index.ts';

describeStrategy(affinity, {
  config: { ttl: '5m', headers: ['x-thread'], prefix: true, onFallback: 'stay', maxSessions: 10 },
  cases: [
    { name: 'leaves the plan of a session that is new', model: 'x', standing: ['a/x', 'b/y'], expect: undefined },
    { name: 'has no opinion without a plan', model: 'x', expect: undefined },
  ],
});
