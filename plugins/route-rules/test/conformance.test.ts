import { describeStrategy } from '@signalbox/testkit/suites';
import rules from '../src/index.ts';

describeStrategy(rules, {
  config: {
    rules: [
      { name: 'pictures', when: 'images', to: 'a/vision' },
      { when: 'model.fits("x-*")', to: ['a/first', 'b/{model}'] },
      { when: 'tokens > 1000', to: [{ target: 'a/long', weight: 1 }] },
    ],
  },
  cases: [
    { name: 'chooses by name', model: 'x-1', expect: ['a/first', 'b/x-1'] },
    {
      name: 'chooses by contents',
      model: 'x-1',
      request: {
        messages: [
          { role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'https://host.example' } }] },
        ],
      },
      expect: ['a/vision'],
    },
    { name: 'chooses by length', model: 'y', estimatePromptTokens: () => 1_001, expect: ['a/long'] },
    { name: 'has no opinion on anything else', model: 'y', expect: undefined },
    { name: 'leaves a plan that stands', model: 'x-1', standing: ['c/d'], expect: undefined },
  ],
});
