import { describeProvider } from '@signalbox/testkit/suites';
import deepseek from '../src/index.ts';

const config = { apiKey: 'key-for-tests', baseUrl: 'https://api.deepseek.com', thinkingUnsaid: 'disabled' };

describeProvider(deepseek, {
  config: { ...config, skin: 'chat' },
  supports: { images: false },
  model: 'deepseek-v4-pro',
});
describeProvider(deepseek, {
  config: { ...config, skin: 'chat' },
  supports: { images: true },
  model: 'deepseek-flash',
});
describeProvider(deepseek, {
  config: { ...config, skin: 'anthropic' },
  supports: { images: true },
  model: 'deepseek-flash',
});
