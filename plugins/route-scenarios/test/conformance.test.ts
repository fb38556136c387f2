import { describeStrategy } from '@signalbox/testkit/suites';
import scenarios from '../src/index.ts';

describeStrategy(scenarios, {
  config: {
    default: 'a/main',
    background: { target: 'a/small' },
    backgroundModels: ['*haiku*'],
    models: { 'x-*': 'b/y-*' },
    think: { target: 'a/deep', minEffort: 'medium' },
    longContext: { target: 'a/long', thresholdTokens: 10 },
    subagent: 'a/agent',
    order: ['think'],
  },
  cases: [
    { name: 'chooses by pattern', model: 'x-1', expect: ['b/y-1'] },
    { name: 'chooses for background work', model: 'claude-haiku', expect: ['a/small'] },
    { name: 'chooses for anything else', model: 'gpt', expect: ['a/main'] },
    {
      name: 'chooses by thinking in a format without marks',
      format: 'another',
      model: 'x-1',
      request: { reasoning: { effort: 'medium' } },
      expect: ['a/deep'],
    },
    {
      name: 'chooses by length in a format without marks',
      format: 'another',
      model: 'x-1',
      request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'x'.repeat(40) }] }] },
      expect: ['a/long'],
    },
    {
      name: 'chooses by the caller',
      model: 'x-1',
      headers: { 'x-claude-code-agent-id': 'a1' },
      expect: ['a/agent'],
    },
    { name: 'leaves a plan that stands', model: 'x-1', standing: ['c/d'], expect: undefined },
  ],
});
