import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Cut,
  conversation,
  errorFrame,
  inOrder,
  providerError,
  type Responder,
  reply,
  sse,
  type Turn,
} from '@signalbox/testkit';
import { claudeBinary } from './agent-install.ts';
import { brokenAfter, failedAfter } from './broken-streams.ts';
import { claudeCase, outcome } from './claude-case.ts';
import { ANTHROPIC_SIDE, CHAT_SIDE, type ProviderSide } from './lanes.ts';
import { chatBodies, type WireBody } from './wire-view.ts';

/** One retry at most: a run that goes on for minutes is one of the faults. */
const RETRY_ONCE = { CLAUDE_CODE_MAX_RETRIES: '1' };
const NO_FALLBACK = { ...RETRY_ONCE, CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK: '1' };

beforeAll(async () => {
  await claudeBinary();
}, 300_000);

describe.each([CHAT_SIDE, ANTHROPIC_SIDE])('Claude Code and the faults of a provider behind $name', (side) => {
  it('F92 gives up at once where the gateway’s own key is refused, without asking the user to log in', async () => {
    const script = providerError(401, { type: 'authentication_error', message: 'invalid x-api-key' });
    await claudeCase({ gateway: side.gateway, script, prompt: 'Hello' }, ({ run, provider, gateway }) => {
      expect(run.exitCode).toBe(1);
      expect(run.result?.is_error).toBe(true);
      expect(run.result?.result).toMatch(/^API Error: 502 /);
      expect(run.result?.result).not.toMatch(/log ?in/i);
      expect(provider.requests).toHaveLength(1);
      expect(gateway.records[0]).toMatchObject({ status: 502, error: { code: 'PROVIDER_AUTH' } });
    });
  });

  it('shows what a provider refused', async () => {
    const script = providerError(400, { type: 'invalid_request_error', message: 'the frobnicator is not supported' });
    await claudeCase({ gateway: side.gateway, script, prompt: 'Hello' }, ({ run }) => {
      expect(outcome(run)).toMatchObject({
        exitCode: 1,
        isError: true,
        result: expect.stringMatching(/^API Error: 400 .*the frobnicator is not supported/),
      });
    });
  });

  it('retries a failing provider as often as the client says, then shows the failure', async () => {
    const script = providerError(500, { message: 'the engine is on fire' });
    await claudeCase({ gateway: side.gateway, script, prompt: 'Hello', env: RETRY_ONCE }, ({ run, provider }) => {
      expect(outcome(run)).toMatchObject({
        exitCode: 1,
        isError: true,
        result: expect.stringContaining('the engine is on fire'),
      });
      expect(provider.requests).toHaveLength(2);
    });
  });

  it('F92 waits as long as a rate limit says and goes on', async () => {
    const limited = providerError(429, {
      type: 'rate_limit_error',
      message: 'slow down',
      headers: { 'retry-after': '1' },
    });
    const script = inOrder(limited, reply({ text: 'Here I am.' }));
    await claudeCase({ gateway: side.gateway, script, prompt: 'Hello' }, ({ run, provider }) => {
      expect(outcome(run)).toEqual({ exitCode: 0, isError: false, result: 'Here I am.' });
      const [first, second] = provider.requests;
      expect((second?.receivedAt ?? 0) - (first?.receivedAt ?? 0)).toBeGreaterThanOrEqual(1_000);
    });
  });

  it('F10 says that the prompt is too long, in the words that the client knows', async () => {
    await claudeCase({ gateway: side.gateway, script: overflow(side), prompt: 'Hello' }, ({ run, provider }) => {
      expect(run.exitCode).toBe(1);
      expect(run.result?.is_error).toBe(true);
      expect(run.result?.result).toMatch(/^Prompt is too long/);
      expect(provider.requests).toHaveLength(1);
    });
  });

  it('F10 compacts a long conversation that the provider refuses, and goes on', async () => {
    const call = (index: number): Turn => ({
      text: `Step ${index}.`,
      toolCalls: [
        { id: `call_${index}`, name: 'Bash', arguments: { command: `echo step ${index}`, description: 'Step' } },
      ],
    });
    const script = conversation([
      call(1),
      call(2),
      call(3),
      overflow(side),
      { text: '<summary>Three steps were made.</summary>' },
      { text: 'Done after the summary.' },
    ]);
    await claudeCase({ gateway: side.gateway, script, prompt: 'Make steps' }, ({ run, provider }) => {
      expect(outcome(run)).toEqual({ exitCode: 0, isError: false, result: 'Done after the summary.' });
      const last = chatBodies(provider)[5] as WireBody;
      expect(JSON.stringify(last)).toContain('Three steps were made.');
    });
  });

  describe.each<Cut>(['end', 'fin', 'rst'])('F21 a stream that breaks off (%s)', (how) => {
    it('in the text is never a finished answer', async () => {
      const script = brokenAfter(side, { text: ['The answer is: 42', ' and not 41.'] }, 'is: 42', how);
      await claudeCase({ gateway: side.gateway, script, prompt: 'Hello', env: NO_FALLBACK }, ({ run }) => {
        expect(outcome(run)).toMatchObject({ exitCode: 1, isError: true });
      });
    });

    it('after a finished text block is never a finished answer', async () => {
      const turn = {
        text: 'I will look.',
        toolCalls: [{ id: 'call_cut', name: 'Bash', arguments: { command: 'touch ran', description: 'Look' } }],
      };
      const script = brokenAfter(side, turn, 'touch', how);
      await claudeCase({ gateway: side.gateway, script, prompt: 'Hello', env: NO_FALLBACK }, ({ run, folder }) => {
        expect(outcome(run)).toMatchObject({ exitCode: 1, isError: true });
        expect(existsSync(join(folder, 'ran'))).toBe(false);
      });
    });

    it('is answered anew, whole, where the client asks again', async () => {
      const script = inOrder(
        brokenAfter(side, { text: ['The answer is: 42', ' and not 41.'] }, 'is: 42', how),
        reply({ text: 'The answer is: 43.' }),
      );
      await claudeCase({ gateway: side.gateway, script, prompt: 'Hello', env: RETRY_ONCE }, ({ run, provider }) => {
        expect(outcome(run)).toEqual({ exitCode: 0, isError: false, result: 'The answer is: 43.' });
        expect(provider.requests).toHaveLength(2);
      });
    });
  });

  it('F21 answers the client’s second, non-streaming request after an error inside the stream', async () => {
    const script = inOrder(
      failedAfter(side, { text: ['One two', ' three four.'] }, 'One two'),
      reply({ text: 'The whole answer.' }),
    );
    await claudeCase({ gateway: side.gateway, script, prompt: 'Hello', env: RETRY_ONCE }, ({ run, provider }) => {
      expect(outcome(run)).toEqual({ exitCode: 0, isError: false, result: 'The whole answer.' });
      expect(chatBodies(provider).map(({ stream }) => stream === true)).toEqual([true, false]);
    });
  });

  it('F15 an error inside a 200 before any content is an error', async () => {
    const script: Responder = (request, wire) =>
      sse(errorFrame(request, { type: 'api_error', message: 'no capacity left' }))(request, wire);
    await claudeCase({ gateway: side.gateway, script, prompt: 'Hello', env: RETRY_ONCE }, ({ run, gateway }) => {
      expect(outcome(run)).toMatchObject({
        exitCode: 1,
        isError: true,
        result: expect.stringContaining('no capacity left'),
      });
      expect(gateway.records[0]?.status).toBeGreaterThanOrEqual(500);
    });
  });
});

/** How a provider of each format refuses a prompt that is too long. */
function overflow({ format }: ProviderSide): Responder {
  return format === 'openai-chat'
    ? providerError(400, {
        type: 'invalid_request_error',
        code: 'context_length_exceeded',
        param: 'messages',
        message:
          "This model's maximum context length is 128000 tokens. However, your messages resulted in 150321 tokens. Please reduce the length of the messages.",
      })
    : providerError(400, {
        type: 'invalid_request_error',
        message: 'prompt is too long: 150321 tokens > 128000 maximum',
      });
}
