import { describeProvider } from '@signalbox/testkit/suites';
import openrouter from '../src/index.ts';

const config = { apiKey: 'key-for-tests', baseUrl: 'https://openrouter.ai/api/v1' };

for (const skin of ['chat', 'anthropic']) {
  describeProvider(openrouter, {
    config: { ...config, skin, provider: { sort: 'price' }, fallbackModels: ['a/b'], plugins: [{ id: 'web' }] },
    model: 'anthropic/claude-sonnet-4.5',
    supports: { images: true },
  });
}
