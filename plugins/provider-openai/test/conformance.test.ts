import { describeProvider } from '@signalbox/testkit/suites';
import openai from '../src/index.ts';

const config = { apiKey: 'key-for-tests', baseUrl: 'https://api.openai.com/v1' };

for (const model of ['gpt-6.1-sol', 'gpt-4.1']) {
  describeProvider(openai, { config: { ...config, surface: 'chat' }, model, supports: { images: true } });
}
describeProvider(openai, {
  config: { ...config, surface: 'responses' },
  model: 'gpt-6.1-sol',
  supports: { images: true },
});
