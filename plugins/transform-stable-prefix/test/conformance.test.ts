import type { TextBlock } from '@signalbox/kit';
import { describeTransform } from '@signalbox/testkit/suites';
import stablePrefix from '../src/index.ts';

const text = (value: string): TextBlock => ({ type: 'text', text: value });
const ATTRIBUTION = 'x-anthropic-billing-header: cc_version=2.1.197.1c0; cc_entrypoint=cli; cch=1f2e3;';
const user = (value: string) => ({ role: 'user', content: [text(value)] }) as const;
const config = { except: [], attribution: 'drop', clock: 'hour' };

describeTransform(stablePrefix, {
  config,
  requests: [
    {
      name: 'F48 drops the block that is the attribution',
      request: { system: [text(ATTRIBUTION), text('You are helpful.')] },
      expect: { system: [text('You are helpful.')] },
      notes: ['system[0]'],
    },
    {
      name: 'F48 drops the line where the blocks were joined',
      request: { system: [text(`${ATTRIBUTION}\nYou are helpful.\n\nBe brief.`)] },
      expect: { system: [text('You are helpful.\n\nBe brief.')] },
      notes: ['system[0]'],
    },
    {
      name: 'F48 drops it behind what another gateway has put ahead',
      request: { system: [text(`House rules.\n${ATTRIBUTION}\n\nYou are helpful.`)] },
      expect: { system: [text('House rules.\nYou are helpful.')] },
    },
    {
      name: 'F48 keeps a cache breakpoint with what is left of its block',
      request: { system: [{ ...text(`${ATTRIBUTION}\nRules.`), cacheControl: { ttl: '1h' } }] },
      expect: { system: [{ ...text('Rules.'), cacheControl: { ttl: '1h' } }] },
    },
    {
      name: 'F100 leaves text that talks about the header',
      request: {
        system: [
          text('Strip x-anthropic-billing-header: it varies.'),
          text('x-anthropic-billing-header: is what Claude Code sends.'),
        ],
      },
      expect: undefined,
      notes: [],
    },
    {
      name: 'F100 leaves a second line that looks the same: only the client’s own is meant',
      request: { system: [text(ATTRIBUTION), text(`An example:\n${ATTRIBUTION}\nThe end.`)] },
      expect: { system: [text(`An example:\n${ATTRIBUTION}\nThe end.`)] },
      notes: ['system[0]'],
    },
    {
      name: 'F100 never touches what users, tools and models said',
      request: {
        messages: [
          user(`${ATTRIBUTION}\nCurrent time: 2026-11-22T14:03:22Z`),
          { role: 'assistant', content: [text(`Current time: 14:03:22`)] },
          { role: 'system', content: [text(`${ATTRIBUTION}`)] },
          { role: 'user', content: [{ type: 'tool-result', callId: 'c', content: [text('Current time: 9:05')] }] },
        ],
      },
      expect: undefined,
      notes: [],
    },
    ...(
      [
        ['Current time: 2026-11-22T14:03:22Z', 'Current time: 2026-11-22T14:00:00Z'],
        ['Current time: 2026-11-22T14:03:22.123+05:30.', 'Current time: 2026-11-22T14:00:00+05:30.'],
        ['The current date and time is 2026-11-22 14:03 UTC.', 'The current date and time is 2026-11-22 14:00 UTC.'],
        ['Current Date & Time: Sun, 22 Nov 2026 2:51:54 PM', 'Current Date & Time: Sun, 22 Nov 2026 2:00:00 PM'],
        ['Today is Sunday, November 22, 2026 at 9:05 AM', 'Today is Sunday, November 22, 2026 at 9:00 AM'],
        ['{"currentDateTime": "2026-11-22T14:03"}', '{"currentDateTime": "2026-11-22T14:00"}'],
        ['<current_time>14:03:22</current_time>', '<current_time>14:00:00</current_time>'],
        ['**Current time**: 14:03 (UTC+05:45)', '**Current time**: 14:00 (UTC+05:45)'],
      ] as const
    ).map(([before, after]) => ({
      name: `F48 rounds "${before}"`,
      request: { system: [text(`You are helpful.\n${before}\nBe brief.`)] },
      expect: { system: [text(`You are helpful.\n${after}\nBe brief.`)] },
      notes: ['system[0]'],
    })),
    ...[
      'Current time: 2026-11-22T14:00:00Z',
      'Current date: 2026-11-22',
      'Today is Sunday.',
      'A log line looks like this: 2026-11-22T14:03:22Z started',
      'Keep currents below 14:03 amperes.',
      'The current time limit: 10:30. The current version is 3:12.',
      'The current timeline:\n14:03 start\n14:05 end',
      'The ratio is 16:9, the verse John 3:16, the port localhost:8080.',
    ].map((same) => ({
      name: `F100 leaves "${same.replaceAll('\n', ' ')}"`,
      request: { system: [text(same)] },
      expect: undefined,
      notes: [],
    })),
  ],
});

describeTransform(stablePrefix, {
  config: { ...config, attribution: 'keep' },
  requests: [
    {
      name: 'keeps the attribution where it is wanted',
      request: { system: [text(ATTRIBUTION), text('Current time: 14:03')] },
      expect: { system: [text(ATTRIBUTION), text('Current time: 14:00')] },
      notes: ['system[1]'],
    },
  ],
});

describeTransform(stablePrefix, {
  config: { ...config, clock: 'keep' },
  requests: [
    {
      name: 'keeps the time where it is wanted',
      request: { system: [text(ATTRIBUTION), text('Current time: 14:03')] },
      expect: { system: [text('Current time: 14:03')] },
      notes: ['system[0]'],
    },
  ],
});
