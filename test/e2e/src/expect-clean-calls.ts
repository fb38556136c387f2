import { expect } from '@jest/globals';
import type { FidelityNote, JsonObject } from '@signalbox/kit';
import type { ScriptedProvider } from '@signalbox/testkit';
import type { AgentSide } from './agent-sides.ts';
import { anthropicProblems } from './anthropic-shape.ts';
import { type ChatDialect, chatProblems } from './chat-shape.ts';
import { CLIENT_KEY } from './claude.ts';
import type { TestGateway } from './gateway.ts';
import { CHAT_SIDE, PROVIDER_KEY } from './lanes.ts';

export interface CleanCalls {
  readonly side: AgentSide;
  /** The lane that every request must have taken. */
  readonly lane: 'canonical' | 'pass-through';
  /** What Chat requests have beyond OpenAI's own. Default: nothing but the reasoning of messages. */
  readonly dialect?: ChatDialect;
  /** What of a request is neither upstream nor noted, in words. */
  readonly unaccounted: (sent: JsonObject, upstream: JsonObject, notes: readonly FidelityNote[]) => readonly string[];
}

/**
 * What must hold of every request that an agent made the gateway send. The requests must have been answered one after
 * the other.
 */
export async function expectCleanCalls(
  { side, lane, dialect = CHAT_SIDE.dialect, unaccounted }: CleanCalls,
  { provider, gateway }: { readonly provider: ScriptedProvider; readonly gateway: TestGateway },
): Promise<void> {
  // A client may have heard all before the gateway has seen the end.
  await gateway.waitForRecord(provider.requests.length - 1);
  expect(provider.unscripted).toEqual([]);
  expect(gateway.records.map((record) => `${record.lane} ${record.status}`)).toEqual(
    provider.requests.map(() => `${lane} 200`),
  );
  for (const [index, { headers, body = {} }] of provider.requests.entries()) {
    const sent = JSON.parse(String(gateway.received[index]?.rawBody)) as JsonObject;
    const seen = JSON.stringify(headers);
    expect(seen).not.toContain(CLIENT_KEY);
    expect(seen).toContain(PROVIDER_KEY);
    expect(problemsOf(side, body, dialect)).toEqual([]);
    if (lane === 'canonical') expect(unaccounted(sent, body, gateway.records[index]?.notes ?? [])).toEqual([]);
    else expect(body).toEqual(sent.model === undefined ? sent : { ...sent, model: 'upstream-model' });
  }
}

function problemsOf({ format }: AgentSide, body: JsonObject, dialect: ChatDialect): string[] {
  if (format === 'openai-chat') return chatProblems(body, dialect);
  return format === 'anthropic-messages' ? anthropicProblems(body) : [];
}
