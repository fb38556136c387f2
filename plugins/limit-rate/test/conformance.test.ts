import { describeStrategy } from '@signalbox/testkit/suites';
import limitRate from '../src/index.ts';

describeStrategy(limitRate, {
  config: {
    clients: { '*': { requestsPerMinute: 1, tokensPerMinute: 10_000 } },
    targets: { 'a/*': { concurrent: 1 }, 'openrouter/*:free': 'openrouter-free' },
    answerTokens: 1_000,
  },
  cases: [
    { name: 'leaves the targets of a plan as they are', model: 'm', standing: ['a/x', 'b/y'], expect: ['a/x', 'b/y'] },
    { name: 'makes no plan', model: 'm', expect: undefined },
  ],
});
