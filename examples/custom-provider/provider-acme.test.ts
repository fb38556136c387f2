import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createGeneration, loadConfig } from '@signalbox/core';
import { type Gateway, startServer } from '@signalbox/server';
import { json, reply, type ScriptedProvider, startScriptedProvider } from '@signalbox/testkit';

const dir = import.meta.dirname;
let acme: ScriptedProvider;
let gateway: Gateway;

beforeAll(async () => {
  acme = await startScriptedProvider();
  const env = { ACME_API_KEY: 'acme-secret', ACME_URL: acme.url };
  const config = await loadConfig(join(dir, 'signalbox.jsonc'), env);
  // Jest loads modules itself, so it also imports the plugins.
  const generation = await createGeneration(
    { ...config, server: { ...config.server, port: 0 } },
    {
      importPlugin: async (name) => {
        const path = name.startsWith('.') ? join(dir, name) : name;
        return { module: await import(path), url: 'test:' };
      },
    },
  );
  gateway = await startServer(generation, { version: 'example' });
});

afterAll(async () => {
  await gateway.close(0);
  await acme.close();
});

const ask = (extra: object = {}) =>
  fetch(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model: 'any', max_tokens: 50, messages: [{ role: 'user', content: 'Beep?' }], ...extra }),
  });

describe('provider-acme', () => {
  it('answers an Anthropic client through ACME', async () => {
    acme.once(
      '/chat/completions',
      reply({ reasoning: 'A road runner.', text: 'Beep beep.' }, { reasoningField: 'reasoning_content' }),
    );
    const answer = await ask({ thinking: { type: 'adaptive' } });
    expect(await answer.json()).toMatchObject({
      content: [
        { type: 'thinking', thinking: 'A road runner.' },
        { type: 'text', text: 'Beep beep.' },
      ],
    });
    const [request] = acme.requests;
    expect(request?.headers['x-acme-key']).toBe('acme-secret');
    expect(request?.body).toMatchObject({ model: 'roadrunner-2', region: 'eu', enable_thinking: true, max_tokens: 50 });
  });

  it('knows ACME’s own word for an empty account', async () => {
    acme.once('/chat/completions', json(400, { error: { message: 'wallet empty', code: 'acme_wallet_empty' } }));
    const answer = await ask();
    expect(answer.status).toBe(402);
    expect(answer.headers.get('x-should-retry')).toBe('false');
  });
});
