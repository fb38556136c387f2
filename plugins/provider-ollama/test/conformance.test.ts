import { describeProvider } from '@signalbox/testkit/suites';
import ollama from '../src/index.ts';

describeProvider(ollama, {
  config: {
    baseUrl: 'http://127.0.0.1:11434',
    apiKey: 'key-for-tests',
    thinkingUnsaid: 'disabled',
    thinkingLevels: ['*gpt-oss*'],
    loadOptions: false,
  },
  supports: { images: true },
});
