import { describeProvider } from '@signalbox/testkit/suites';
import anthropic from '../src/index.ts';

describeProvider(anthropic, {
  config: { apiKey: 'sk-ant-api03-test', baseUrl: 'https://api.anthropic.com', version: '2023-06-01' },
  supports: { images: true },
  model: 'claude-sonnet-5-5',
});
