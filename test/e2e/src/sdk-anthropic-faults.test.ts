import { describe, expect, it } from '@jest/globals';
import { hang, headersThenHang, providerError, reply, type Turn } from '@signalbox/testkit';
import { anthropicSdkCases, ask } from './anthropic-sdks.ts';
import { brokenAfter, failedAfter, framesUntil, GAVE_UP } from './broken-streams.ts';
import { rejection, type SdkScene, sdkCase } from './sdk-case.ts';

describe.each(anthropicSdkCases)(
  '@anthropic-ai/sdk $generation and the faults of a provider behind $name',
  ({ Sdk, side }) => {
    const clientOf = ({ gateway }: SdkScene, options: { timeout?: number } = {}) =>
      new Sdk({ baseURL: gateway.url, apiKey: 'sdk-key', maxRetries: 0, ...options });

    it.each([
      {
        status: 400,
        type: 'invalid_request_error',
        seen: 400,
        seenType: 'invalid_request_error',
        Kind: 'BadRequestError',
      },
      { status: 401, type: 'authentication_error', seen: 502, seenType: 'api_error', Kind: 'InternalServerError' },
      { status: 404, type: 'not_found_error', seen: 404, seenType: 'not_found_error', Kind: 'NotFoundError' },
      { status: 429, type: 'rate_limit_error', seen: 429, seenType: 'rate_limit_error', Kind: 'RateLimitError' },
      { status: 500, type: 'api_error', seen: 500, seenType: 'api_error', Kind: 'InternalServerError' },
    ] as const)('throws $Kind where the provider answers $status', async ({ status, type, seen, seenType, Kind }) => {
      const script = providerError(status, { type, message: 'as scripted', headers: { 'retry-after': '7' } });
      await sdkCase(side, script, async (scene) => {
        for (const stream of [false, true]) {
          const error = (await rejection(clientOf(scene).messages.create({ ...ask('Hi'), stream }))) as InstanceType<
            typeof Sdk.APIError
          >;
          expect(error).toBeInstanceOf(Sdk[Kind]);
          expect(error.status).toBe(seen);
          expect(error.error).toMatchObject({ type: 'error', error: { type: seenType } });
          if (status !== 401) expect(error.message).toContain('as scripted');
          expect(error.requestID).toEqual(expect.any(String));
          if (status === 429) expect(error.headers?.get('retry-after')).toBe('7');
          expect(JSON.stringify([error.message, error.error])).not.toContain('provider-key');
        }
        expect(scene.provider.requests).toHaveLength(2);
      });
    });

    it('F18 throws the error that comes inside a stream, after the text before it', async () => {
      await sdkCase(side, failedAfter(side, { text: ['First ', 'words ', 'never'] }, 'words '), async (scene) => {
        const stream = clientOf(scene).messages.stream(ask('Hi'));
        let text = '';
        stream.on('text', (delta) => {
          text += delta;
        });
        const error = await rejection(stream.finalMessage());
        expect(error).toBeInstanceOf(Sdk.APIError);
        expect(String(error)).toContain(GAVE_UP);
        expect(text).toBe('First words ');
      });
    });

    it.each(['end', 'fin', 'rst'] as const)('F21 throws where a stream breaks off (%s)', async (how) => {
      await sdkCase(side, brokenAfter(side, { text: ['One ', 'two ', 'three '] }, 'two ', how), async (scene) => {
        const stream = clientOf(scene).messages.stream(ask('Hi'));
        expect(await rejection(stream.finalMessage())).toBeInstanceOf(Sdk.AnthropicError);
        const whole = await rejection(clientOf(scene).messages.create(ask('Hi')));
        expect(whole).toBeInstanceOf(Sdk.AnthropicError);
      });
    });

    it.each([
      { silence: 'before the headers', timeouts: { headersMs: 150 }, script: hang() },
      { silence: 'before the first event', timeouts: { firstEventMs: 150 }, script: headersThenHang() },
    ])('F94 throws a 504 after a silence $silence', async ({ timeouts, script }) => {
      await sdkCase(
        side,
        script,
        async (scene) => {
          const error = (await rejection(
            clientOf(scene).messages.create({ ...ask('Hi'), stream: true }),
          )) as InstanceType<typeof Sdk.APIError>;
          expect(error).toBeInstanceOf(Sdk.InternalServerError);
          expect(error.status).toBe(504);
        },
        timeouts,
      );
    });

    it('F94 throws after a silence inside the answer', async () => {
      const content = framesUntil(side, { text: ['One ', 'two '] }, 'One ').join('');
      await sdkCase(
        side,
        headersThenHang({ content }),
        async (scene) => {
          const error = await rejection(clientOf(scene).messages.stream(ask('Hi')).finalMessage());
          expect(error).toBeInstanceOf(Sdk.APIError);
        },
        { idleMs: 150 },
      );
    });

    it('F37 ends the provider’s call when the client stops reading', async () => {
      const turn: Turn = { text: Array.from({ length: 500 }, (_, index) => `word ${index} `) };
      await sdkCase(side, reply(turn, { delayMs: 20 }), async (scene) => {
        const stream = await clientOf(scene).messages.create({ ...ask('Hi'), stream: true });
        for await (const event of stream) if (event.type === 'content_block_delta') break;
        const call = await scene.provider.waitForRequest(0);
        await call.aborted;
        expect(await scene.gateway.waitForRecord(0)).toMatchObject({ aborted: true, status: 499 });
      });
    });

    it('F37 ends the provider’s call when the client’s own time is up before any answer', async () => {
      await sdkCase(side, hang(), async (scene) => {
        const error = await rejection(clientOf(scene, { timeout: 200 }).messages.create(ask('Hi')));
        expect(error).toBeInstanceOf(Sdk.APIConnectionTimeoutError);
        const call = await scene.provider.waitForRequest(0);
        await call.aborted;
      });
    });
  },
);
