import { describeProvider } from '@signalbox/testkit/suites';
import provider from '../src/index.ts';

const fixtures = new URL('../../../packages/formats/gemini/fixtures/synthetic/', import.meta.url);

describeProvider(provider, {
  config: { apiKey: 'AIza-test-key', baseUrl: 'https://generativelanguage.googleapis.com/v1beta' },
  fixtures,
  supports: { images: true },
});
