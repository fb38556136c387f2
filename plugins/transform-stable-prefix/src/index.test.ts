import { describe, expect, it } from '@jest/globals';
import type { HttpProvider, JsonObject, Target, TransformTap } from '@signalbox/kit';
import { applyPlugin, fakeExchange, fakeHost } from '@signalbox/testkit';
import stablePrefix from './index.ts';

const DEFAULTS = { except: ['anthropic-messages'], attribution: 'drop', clock: 'hour' };
const ATTRIBUTION = 'x-anthropic-billing-header: cc_version=1; cc_entrypoint=cli;';

/** Whether the plugin wants a request of this body, on its way from an Anthropic client. */
async function asker(options: JsonObject = DEFAULTS) {
  const host = fakeHost();
  const speaks = (id: string) => ({ format: { id } }) as unknown as HttpProvider;
  host.addProvider('claude', speaks('anthropic-messages'));
  host.addProvider('chat', speaks('openai-chat'));
  await applyPlugin(stablePrefix, options, host);
  const tap = host.hooks.transformIn.taps[0] as TransformTap | undefined;
  return (provider: string, body: string, format = 'anthropic-messages') => {
    const exchange = fakeExchange({ format, rawBody: Buffer.from(body) });
    Object.defineProperty(exchange, 'request', {
      get: () => {
        throw new Error('the request was decoded');
      },
    });
    const target: Target = { provider, model: 'm' };
    return tap?.when?.(target, exchange);
  };
}

describe('when it is asked', () => {
  it('has nothing to do for Anthropic’s own format, whatever the body holds', async () => {
    const wants = await asker();
    expect(wants('claude', ATTRIBUTION)).toBe(false);
  });

  it('looks at what is decoded anyhow', async () => {
    const wants = await asker();
    expect(wants('chat', '{}')).toBe(true);
  });

  it('looks at a body that would pass through only if it holds a mark', async () => {
    const wants = await asker();
    expect(wants('chat', '{"model":"m"}', 'openai-chat')).toBe(false);
    expect(wants('chat', ATTRIBUTION, 'openai-chat')).toBe(true);
    expect(wants('chat', 'Current time: 14:03', 'openai-chat')).toBe(true);
    expect(wants('chat', 'Today is Sunday', 'openai-chat')).toBe(true);
    for (const mark of ['currentDateTime', 'current_time', 'Current Date', 'the current version, the current time']) {
      expect(wants('chat', mark, 'openai-chat')).toBe(true);
    }
    for (const other of ['current', 'the current version', 'concurrent', 'currently']) {
      expect(wants('chat', other, 'openai-chat')).toBe(false);
    }
  });

  it('looks for nothing that the options keep', async () => {
    const wants = await asker({ ...DEFAULTS, clock: 'keep' });
    expect(wants('chat', 'Current time: 14:03', 'openai-chat')).toBe(false);
    expect(wants('chat', ATTRIBUTION, 'openai-chat')).toBe(true);
  });

  it('leaves the providers and formats that are excepted', async () => {
    const wants = await asker({ ...DEFAULTS, except: ['chat'] });
    expect([wants('chat', ATTRIBUTION), wants('claude', ATTRIBUTION)]).toEqual([false, true]);
    const none = await asker({ ...DEFAULTS, except: ['openai-chat'] });
    expect(none('chat', ATTRIBUTION)).toBe(false);
  });

  it('taps nothing where everything is kept', async () => {
    const { taps } = await applyPlugin(stablePrefix, { except: [], attribution: 'keep', clock: 'keep' });
    expect(taps).toEqual([]);
  });
});
