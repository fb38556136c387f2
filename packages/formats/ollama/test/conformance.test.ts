import { describeFormat } from '@signalbox/testkit/suites';
import fc from 'fast-check';
import { ollama } from '../src/index.ts';

describeFormat(ollama, {
  fixtures: new URL('../fixtures/synthetic/', import.meta.url),
  clientRequest: { model: 'm', messages: [{ role: 'user', content: 'Hi.' }] },
  features: {
    documents: false,
    // A message has one thinking text, one text, and its calls behind both.
    manyTexts: false,
    redacted: false,
    cacheControl: false,
    cacheUsage: false,
    stopReasons: ['end-turn', 'max-tokens', 'tool-call'],
    // Reasoning has an owner, and no signature.
    reasoningState: { origin: 'ollama', data: fc.constant({}) },
  },
});
