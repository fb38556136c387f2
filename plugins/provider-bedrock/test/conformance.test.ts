import { describeProvider } from '@signalbox/testkit/suites';
import bedrock from '../src/index.ts';

describeProvider(bedrock, {
  config: { region: 'eu-central-1', apiKey: 'key-for-tests' },
  model: 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
  supports: { images: true },
});
