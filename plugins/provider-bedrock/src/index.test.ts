import { execFile } from 'node:child_process';
import { createHash, createHmac } from 'node:crypto';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { createProvider, fakeHost, send, userRequest } from '@signalbox/testkit';
import bedrock from './index.ts';

const KEY = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const create = (more: JsonObject = {}) => createProvider(bedrock, { region: 'eu-central-1', ...more });
const MODEL = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0';
const BASE = 'https://bedrock-runtime.eu-central-1.amazonaws.com/model/eu.anthropic.claude-sonnet-4-5-20250929-v1%3A0';

describe('the call', () => {
  it.each([
    [false, `${BASE}/converse`, 'application/json'],
    [true, `${BASE}/converse-stream`, 'application/vnd.amazon.eventstream'],
  ])('streamed %s goes to %s', async (stream, url, accept) => {
    const sent = send(await create({ apiKey: 'k' }), userRequest(MODEL, { stream }));
    expect([sent.url, sent.headers]).toEqual([url, { accept, authorization: 'Bearer k' }]);
    expect(sent.body).not.toHaveProperty('model');
  });

  it('has an ARN in one piece, and goes to another host where the options say so', async () => {
    const provider = await create({ apiKey: 'k', baseUrl: 'https://vpce.example/' });
    expect(send(provider, userRequest('arn:aws:bedrock:eu::p/a')).url).toBe(
      'https://vpce.example/model/arn%3Aaws%3Abedrock%3Aeu%3A%3Ap%2Fa/converse',
    );
  });
});

describe('the signature', () => {
  const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text).digest();
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

  it.each([undefined, 'token'])(
    'F101 is AWS’s over the very bytes that are sent, with session token %s',
    async (sessionToken) => {
      const provider = await create({ ...KEY, ...(sessionToken === undefined ? {} : { sessionToken }) });
      const body = '{"messages":[{"role":"user","content":[{"text":"Zürich 😀"}]}]}';
      const request = { url: `${BASE}/converse`, headers: { accept: 'a', 'content-type': 'application/json' }, body };
      const headers = (await provider.sign?.({ ...request, body: Buffer.from(body) })) ?? {};
      expect(headers).toMatchObject({ accept: 'a', 'x-amz-content-sha256': sha256(body) });
      expect(headers['x-amz-security-token']).toBe(sessionToken);

      // Once more by hand, after AWS's description of SigV4.
      const date = String(headers['x-amz-date']);
      const scope = `${date.slice(0, 8)}/eu-central-1/bedrock/aws4_request`;
      const [, names = '', signature] =
        /SignedHeaders=([^,]+), Signature=(\w+)/.exec(headers.authorization ?? '') ?? [];
      const signed: Record<string, string> = { ...headers, host: new URL(request.url).host };
      const lines = names.split(';').map((name) => `${name}:${signed[name]}\n`);
      // Every part of the path is encoded once more.
      const path = new URL(request.url).pathname.split('/').map(encodeURIComponent).join('/');
      const canonical = ['POST', path, '', lines.join(''), names, sha256(body)].join('\n');
      const text = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
      const key = [...scope.split('/')].reduce<Buffer | string>(
        (made, part) => hmac(made, part),
        `AWS4${KEY.secretAccessKey}`,
      );
      expect(signature).toBe(hmac(key, text).toString('hex'));
      expect(headers.authorization).toContain(`Credential=AKIDEXAMPLE/${scope}`);
      expect(JSON.stringify(headers)).not.toContain(KEY.secretAccessKey);
    },
  );

  it('is not there for an API key', async () => {
    expect((await create({ apiKey: 'k' })).sign).toBeUndefined();
  });
});

describe('without any key', () => {
  const with_ = (env: Record<string, string>, more: JsonObject = {}) =>
    createProvider(bedrock, { region: 'eu-central-1', ...more }, fakeHost({ env }));

  it('calls are signed with what AWS’s own clients would find', async () => {
    const provider = await with_({});
    expect(provider.sign).toBeDefined();
    expect(send(provider, userRequest(MODEL)).headers).not.toHaveProperty('authorization');
  });

  it('an API key of the environment is used as AWS’s own clients would', async () => {
    const env = { AWS_BEARER_TOKEN_BEDROCK: 'key-of-env' };
    const provider = await with_(env);
    expect(provider.sign).toBeUndefined();
    expect(send(provider, userRequest(MODEL)).headers.authorization).toBe('Bearer key-of-env');
    // Whoever names a credential means that one.
    expect((await with_(env, { profile: 'work' })).sign).toBeDefined();
    expect((await with_(env, KEY)).sign).toBeDefined();
    expect(send(await with_(env, { apiKey: 'k' }), userRequest(MODEL)).headers.authorization).toBe('Bearer k');
  });

  it('nothing of AWS’s is loaded before it is needed, nor ever where there are keys', async () => {
    const script = `
      import { createRequire } from 'node:module';
      import { createProvider, send, userRequest } from '@signalbox/testkit';
      import bedrock from '@signalbox/provider-bedrock';
      const { cache } = createRequire(import.meta.url);
      const loaded = () => Object.keys(cache).some((file) => file.includes('credential-provider'));
      const request = { url: 'https://a.example/', headers: {}, body: '' };
      const own = await createProvider(bedrock, { region: 'r', accessKeyId: 'a', secretAccessKey: 's' });
      await own.sign(request);
      const before = loaded();
      const found = await createProvider(bedrock, { region: 'r' });
      const made = loaded();
      await found.sign(request);
      console.log(JSON.stringify([before, made, loaded()]));`;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--conditions=signalbox-source', '--input-type=module', '-e', script],
      {
        cwd: import.meta.dirname,
        env: { PATH: process.env.PATH, AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 'secret-of-env' },
      },
    );
    expect(JSON.parse(stdout)).toEqual([false, false, true]);
  });
});

it.each<[JsonObject, string]>([
  [{ accessKeyId: 'a' }, 'secretAccessKey'],
  [{ secretAccessKey: 'a' }, 'accessKeyId'],
  [{ sessionToken: 'a' }, 'accessKeyId'],
  [{ apiKey: 'k', apiKeys: ['k', 'l'] }, 'apiKeys'],
  [{ apiKey: 'k', profile: 'p' }, 'profile'],
  [{ ...KEY, profile: 'p' }, 'profile'],
  [{ ...KEY, apiKey: 'k' }, 'not both'],
  [{ ...KEY, forwardCallerKey: true }, 'not both'],
])('%j is a mistake', async (options, message) => {
  await expect(create(options)).rejects.toThrow(message);
});
