import { describeTransform } from '@signalbox/testkit/suites';
import keepReasoning from '../src/index.ts';

describeTransform(keepReasoning, {
  config: { ttlMinutes: 10, maxEntries: 10, maxBytes: 10_000, sameFormat: [] },
  requests: [
    { name: 'leaves a history that it knows nothing of', target: 'a/b', request: {}, expect: undefined, notes: [] },
  ],
});
