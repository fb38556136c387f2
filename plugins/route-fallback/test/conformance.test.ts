import { describeStrategy } from '@signalbox/testkit/suites';
import fallback from '../src/index.ts';

describeStrategy(fallback, {
  config: { fallbacks: { 'a/*': ['b/{model}'], 'c/*': [] }, default: ['a/main'] },
  cases: [
    { name: 'adds by pattern', model: 'x', standing: ['a/x'], expect: ['a/x', 'b/x'] },
    { name: 'adds the default', model: 'x', standing: ['b/x'], expect: ['b/x', 'a/main'] },
    { name: 'leaves a plan that has it all', model: 'x', standing: ['c/x'], expect: undefined },
    { name: 'has no opinion without a plan', model: 'x', expect: undefined },
  ],
});
