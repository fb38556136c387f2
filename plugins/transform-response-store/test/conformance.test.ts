import { describeTransform } from '@signalbox/testkit/suites';
import responseStore from '../src/index.ts';

describeTransform(responseStore, {
  config: { ttlMinutes: 10, maxEntries: 10, maxBytes: 10_000 },
  requests: [
    { name: 'leaves clients of other formats alone', target: 'a/b', request: {}, expect: undefined, notes: [] },
  ],
});
