import { describeStrategy } from '@signalbox/testkit/suites';
import scenarios from '../src/index.ts';

describeStrategy(scenarios, {
  config: { default: 'a/main', background: 'a/small', backgroundModels: ['*haiku*'], models: { 'x-*': 'b/y-*' } },
  cases: [
    { name: 'chooses by pattern', model: 'x-1', expect: ['b/y-1'] },
    { name: 'chooses for background work', model: 'claude-haiku', expect: ['a/small'] },
    { name: 'chooses for anything else', model: 'gpt', expect: ['a/main'] },
    { name: 'leaves a plan that stands', model: 'x-1', standing: ['c/d'], expect: undefined },
  ],
});
