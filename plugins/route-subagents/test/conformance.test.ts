import { describeStrategy, describeTransform } from '@signalbox/testkit/suites';
import subagents from '../src/index.ts';

const config = {
  agents: { reviewer: 'a/strong', '*': 'a/small' },
  prompts: [{ includes: 'migration', target: 'b/careful' }],
  tags: true,
};
const headers = { 'x-claude-code-agent-id': 'a1' };
const prompt = (text: string) => ({ system: [{ type: 'text', text }] as const });
const TAG = '<signalbox-model>a/b</signalbox-model>';

describeStrategy(subagents, {
  config,
  cases: [
    { name: 'chooses by name', headers, request: prompt('You are a reviewer.'), expect: ['a/strong'] },
    { name: 'chooses by prompt', headers, request: prompt('Write the migration.'), expect: ['b/careful'] },
    { name: 'chooses for any other subagent', headers, request: prompt('You are a painter.'), expect: ['a/small'] },
    { name: 'has no opinion about anyone else', request: prompt('You are a reviewer.'), expect: undefined },
    {
      name: 'leaves a plan that stands',
      headers,
      request: prompt('You are a reviewer.'),
      standing: ['c/d'],
      expect: undefined,
    },
  ],
});

describeTransform(subagents, {
  config,
  requests: [
    {
      name: 'takes a tag out',
      request: prompt(`${TAG}\nYou are a reviewer.`),
      expect: { system: [{ type: 'text', text: 'You are a reviewer.' }] },
      notes: ['system[0].text'],
    },
    { name: 'leaves a request without tags', request: prompt('signalbox-model'), expect: undefined, notes: [] },
  ],
});
