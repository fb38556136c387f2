import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { wholeBody } from './answers.ts';
import type { Listener } from './child.ts';
import { LoadGenerator } from './generator-client.ts';
import {
  measureRouting,
  printRouting,
  type RoutingGateways,
  routedBody,
  startRouting,
  summariseRouting,
} from './routing.ts';
import { routingNames } from './routing-config.ts';

import { startUpstream } from './targets.ts';

describe('the routing benchmark', () => {
  let upstream: Listener;
  let gateways: RoutingGateways;
  let generator: LoadGenerator;

  beforeAll(async () => {
    generator = new LoadGenerator();
    upstream = await startUpstream();
    gateways = await startRouting({ upstream, build: 'source' });
  });

  afterAll(async () => {
    await Promise.all([...Object.values(gateways ?? {}), upstream].map((listener) => listener?.stop()));
    await generator.stop();
  });

  it.each(routingNames)('%s answers with what the upstream said', async (name) => {
    for (const session of [true, false]) {
      const { port } = gateways[name];
      const body = routedBody(session);
      const command = { port, path: '/v1/messages', body, session, connections: 1, requests: 3, keepBodies: true };
      const result = await generator.run(command);
      expect(result).toMatchObject({ failed: 0, failure: undefined });
      for (const answer of result.bodies) expect(answer).toBe(wholeBody('anthropic-messages').toString());
    }
  });

  it('measures all gateways for both kinds of clients', async () => {
    const options = { rounds: 1, durationMs: 15, warmUpMs: 5 };
    const rows = await measureRouting({ generator }, gateways, options, () => {});
    expect(rows.map(({ client }) => client)).toEqual(['with a session id', 'without a session id']);
    for (const row of rows) {
      expect(row.failed).toBe(0);
      for (const name of routingNames) expect(row.p50Ms[name]).toBeGreaterThan(0);
    }
  });
});

it('a client without a session names it nowhere', () => {
  expect(routedBody(true)).toContain('_session_');
  expect(routedBody(false)).not.toContain('session_');
  expect(JSON.parse(routedBody(false))).toMatchObject({ thinking: { type: 'adaptive' } });
});

describe('summariseRouting', () => {
  const samples = [
    { default: 1, one: 2, all: 3 },
    { default: 1, one: 4, all: 4.1 },
    { default: 1, one: 2, all: 2.2 },
  ];

  it('compares within a round', () => {
    const { addedMs, ratio, p50Ms } = summariseRouting('client', samples, 0);
    expect(addedMs).toBeCloseTo(0.2, 10);
    expect(ratio).toBeCloseTo(1.1, 10);
    expect(p50Ms).toEqual({ default: 1, one: 2, all: 3 });
  });

  it('says whether the budget is kept', () => {
    expect(printRouting([summariseRouting('client', [{ default: 1, one: 2, all: 2.1 }], 0)])).toContain('≤ 0.2 ms ✓');
    expect(printRouting([summariseRouting('client', [{ default: 1, one: 2, all: 2.3 }], 0)])).toContain('✗');
    expect(printRouting([summariseRouting('client', [{ default: 1, one: 2, all: 2.1 }], 1)])).toContain('✗, 1 failed');
    expect(printRouting([summariseRouting('client', [], 0)])).toContain('✗');
  });
});
