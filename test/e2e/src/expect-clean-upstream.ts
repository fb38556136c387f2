import { expect } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { unaccounted } from './accounting.ts';
import { chatProblems } from './chat-shape.ts';
import { CLIENT_KEY } from './claude.ts';
import type { ClaudeScene } from './claude-case.ts';
import { PROVIDER_KEY, type ProviderSide } from './lanes.ts';

/**
 * What must hold of every request that a run of Claude Code made the gateway send. The requests of the run must have
 * been answered one after the other.
 */
export function expectCleanUpstream(side: ProviderSide, { provider, gateway }: ClaudeScene): void {
  const chat = side.format === 'openai-chat';
  expect(provider.unscripted).toEqual([]);
  expect(gateway.records).toHaveLength(provider.requests.length);
  for (const [index, request] of provider.requests.entries()) {
    const sent = JSON.parse(String(gateway.received[index]?.rawBody)) as JsonObject;
    const headers = JSON.stringify(request.headers);
    expect(headers).not.toContain(CLIENT_KEY);
    expect(headers).toContain(PROVIDER_KEY);
    if (chat) {
      const body = request.body ?? {};
      expect(body.model).toBe('upstream-model');
      expect(chatProblems(body, side.dialect)).toEqual([]);
      expect(unaccounted(sent, body, gateway.records[index]?.notes ?? [])).toEqual([]);
      expect(request.rawBody.includes('x-anthropic-billing-header')).toBe(false);
      expect(request.headers['anthropic-beta']).toBeUndefined();
    } else {
      expect(request.rawBody.toString()).toBe(JSON.stringify({ ...sent, model: 'upstream-model' }));
      expect(request.headers['anthropic-beta']).toBe(gateway.received[index]?.headers['anthropic-beta']);
    }
  }
  const lane = chat ? 'canonical' : 'pass-through';
  expect(gateway.records.map((record) => `${record.lane} ${record.status}`)).toEqual(
    gateway.records.map(() => `${lane} 200`),
  );
}
