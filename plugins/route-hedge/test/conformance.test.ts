import { describeStrategy } from '@signalbox/testkit/suites';
import hedge from '../src/index.ts';

describeStrategy(hedge, {
  config: {
    afterMs: 1_000,
    percentile: 0.95,
    minMs: 500,
    maxMs: 30_000,
    minSamples: 20,
    maxPromptTokens: 8_000,
    share: 1,
    sameTarget: false,
  },
  cases: [
    { name: 'leaves the targets in order', model: 'm', standing: ['a/x', 'b/y'], expect: ['a/x', 'b/y'] },
    { name: 'leaves a stream alone', model: 'm', stream: true, standing: ['a/x', 'b/y'], expect: undefined },
    { name: 'leaves a plan alone that has one target', model: 'm', standing: ['a/x'], expect: undefined },
    { name: 'makes no plan', model: 'm', expect: undefined },
  ],
});
