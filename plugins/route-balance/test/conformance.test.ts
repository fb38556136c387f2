import { describeStrategy } from '@signalbox/testkit/suites';
import balance from '../src/index.ts';

describeStrategy(balance, {
  config: {
    groups: {
      fast: { targets: ['a/x', { target: 'b/y', weight: 0 }] },
      'claude-*': { targets: ['a/{model}'] },
      'c/*': { targets: ['a/{model}', 'c/{model}'], policy: 'in-order' },
    },
    keys: 'least-busy',
  },
  cases: [
    { name: 'chooses for the name of a group', model: 'fast', expect: ['a/x', 'b/y'] },
    { name: 'chooses by pattern', model: 'claude-new', expect: ['a/claude-new'] },
    { name: 'has no opinion on other models', model: 'm', expect: undefined },
    { name: 'shares out another plan’s target', model: 'm', standing: ['c/x', 'b/y'], expect: ['a/x', 'c/x', 'b/y'] },
    { name: 'leaves a plan that it knows nothing of', model: 'fast', standing: ['b/z'], expect: undefined },
  ],
});
