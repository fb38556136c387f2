import { describeProvider } from '@signalbox/testkit/suites';
import compatible from '../src/index.ts';

const config = { name: 'any', apiKey: 'key-for-tests', authHeader: 'authorization', betas: [] };

describeProvider(compatible, {
  config: { ...config, format: 'openai-chat', baseUrl: 'http://localhost:11434/v1' },
  supports: { images: true },
});
describeProvider(compatible, {
  config: { ...config, format: 'anthropic-messages', baseUrl: 'https://api.example/anthropic' },
  supports: { images: true },
});
