import { describeFormat } from '@signalbox/testkit/suites';
import { anthropicMessages } from '../src/index.ts';

describeFormat(anthropicMessages, {
  fixtures: new URL('../fixtures/synthetic/', import.meta.url),
  reasoningOrigin: 'anthropic',
});
