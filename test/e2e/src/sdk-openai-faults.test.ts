import { describe, expect, it } from '@jest/globals';
import { hang, providerError, reply, type Turn } from '@signalbox/testkit';
import OpenAI from 'openai';
import { brokenAfter, failedAfter, GAVE_UP } from './broken-streams.ts';
import { ANTHROPIC_SIDE, CHAT_SIDE } from './lanes.ts';
import { collect, rejection, type SdkScene, sdkCase } from './sdk-case.ts';

const ask = (text: string) => ({ model: 'gpt-of-the-day', messages: [{ role: 'user' as const, content: text }] });

describe.each([CHAT_SIDE, ANTHROPIC_SIDE])('the OpenAI SDK and the faults of a provider behind $name', (side) => {
  const clientOf = ({ gateway }: SdkScene, options: { timeout?: number } = {}) =>
    new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'sdk-key', maxRetries: 0, ...options });
  const chat = side.format === 'openai-chat';

  it.each([
    { status: 400, type: 'invalid_request_error', seen: 400, Kind: 'BadRequestError' },
    { status: 401, type: 'authentication_error', seen: 502, Kind: 'InternalServerError' },
    { status: 404, type: 'not_found_error', seen: 404, Kind: 'NotFoundError' },
    { status: 429, type: 'rate_limit_error', seen: 429, Kind: 'RateLimitError' },
    { status: 500, type: 'api_error', seen: 500, Kind: 'InternalServerError' },
  ] as const)('throws $Kind where the provider answers $status', async ({ status, type, seen, Kind }) => {
    const script = providerError(status, { type, message: 'as scripted', headers: { 'retry-after': '7' } });
    await sdkCase(side, script, async (scene) => {
      for (const stream of [false, true]) {
        const error = await rejection(clientOf(scene).chat.completions.create({ ...ask('Hi'), stream }));
        expect(error).toBeInstanceOf(OpenAI[Kind]);
        const failure = error as InstanceType<typeof OpenAI.APIError>;
        expect(failure.status).toBe(seen);
        expect(failure.type).toEqual(expect.any(String));
        if (status !== 401) expect(failure.message).toContain('as scripted');
        expect(failure.requestID).toEqual(expect.any(String));
        if (status === 429) expect(failure.headers?.get('retry-after')).toBe('7');
        expect(JSON.stringify([failure.message, failure.error])).not.toContain('provider-key');
      }
      expect(scene.provider.requests).toHaveLength(2);
    });
  });

  it('F10 tells a context overflow by its code', async () => {
    const script = chat
      ? providerError(400, {
          type: 'invalid_request_error',
          code: 'context_length_exceeded',
          message: "This model's maximum context length is 100 tokens. However, your messages resulted in 200 tokens.",
        })
      : providerError(400, { type: 'invalid_request_error', message: 'prompt is too long: 200 tokens > 100 maximum' });
    await sdkCase(side, script, async (scene) => {
      const error = (await rejection(clientOf(scene).chat.completions.create(ask('Hi')))) as InstanceType<
        typeof OpenAI.APIError
      >;
      expect(error).toBeInstanceOf(OpenAI.BadRequestError);
      expect(error.code).toBe('context_length_exceeded');
    });
  });

  it('F17 throws the error that comes inside a stream, after the text before it', async () => {
    await sdkCase(side, failedAfter(side, { text: ['First ', 'words ', 'never'] }, 'words '), async (scene) => {
      const stream = clientOf(scene).chat.completions.stream(ask('Hi'));
      let text = '';
      stream.on('content', (delta) => {
        text += delta;
      });
      const error = await rejection(stream.finalChatCompletion());
      expect(error).toBeInstanceOf(OpenAI.APIError);
      expect(String(error)).toContain(GAVE_UP);
      expect(text).toBe('First words ');
    });
  });

  it.each(['end', 'fin', 'rst'] as const)('F21 throws where a stream breaks off (%s)', async (how) => {
    await sdkCase(side, brokenAfter(side, { text: ['One ', 'two ', 'three '] }, 'two ', how), async (scene) => {
      const stream = await clientOf(scene).chat.completions.create({ ...ask('Hi'), stream: true });
      expect(await rejection(collect(stream))).toBeInstanceOf(OpenAI.APIError);
      const whole = await rejection(clientOf(scene).chat.completions.create(ask('Hi')));
      expect(whole).toBeInstanceOf(OpenAI.APIError);
    });
  });

  it('F94 throws a 504 after a silence before the headers', async () => {
    await sdkCase(
      side,
      hang(),
      async (scene) => {
        const error = await rejection(clientOf(scene).chat.completions.create({ ...ask('Hi'), stream: true }));
        expect(error).toBeInstanceOf(OpenAI.InternalServerError);
        expect((error as InstanceType<typeof OpenAI.APIError>).status).toBe(504);
      },
      { headersMs: 150 },
    );
  });

  it('F37 ends the provider’s call when the client stops reading', async () => {
    const turn: Turn = { text: Array.from({ length: 500 }, (_, index) => `word ${index} `) };
    await sdkCase(side, reply(turn, { delayMs: 20 }), async (scene) => {
      const stream = await clientOf(scene).chat.completions.create({ ...ask('Hi'), stream: true });
      for await (const chunk of stream) if ((chunk.choices[0]?.delta.content ?? '') !== '') break;
      const call = await scene.provider.waitForRequest(0);
      await call.aborted;
      expect(await scene.gateway.waitForRecord(0)).toMatchObject({ aborted: true, status: 499 });
    });
  });

  it('F37 ends the provider’s call when the client’s own time is up before any answer', async () => {
    await sdkCase(side, hang(), async (scene) => {
      const error = await rejection(clientOf(scene, { timeout: 200 }).chat.completions.create(ask('Hi')));
      // Its subclass for timeouts is told by `instanceof Error`, which fails for Node's own errors inside Jest.
      expect(error).toBeInstanceOf(OpenAI.APIConnectionError);
      const call = await scene.provider.waitForRequest(0);
      await call.aborted;
    });
  });
});
