import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { HttpProvider, JsonObject, SignalboxError } from '@signalbox/kit';
import { createProvider, fakeHost, json, raw, type ScriptedProvider, startScriptedProvider } from '@signalbox/testkit';
import bedrock from '../src/index.ts';

const REQUEST = { url: 'https://bedrock.example/model/m/converse', headers: {}, body: '{}' };
const HOUR_MS = 3_600_000;
const START_URL = 'https://sso.example/start';

let folder: string;
let server: ScriptedProvider;
const before = { ...process.env };

/** This machine as AWS's package finds it: with nothing but what a test puts there. */
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signalbox-aws-'));
  server = await startScriptedProvider();
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, {
    HOME: folder,
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_EC2_METADATA_DISABLED: 'true',
  });
});
afterEach(async () => {
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, before);
  await server.close();
  await rm(folder, { recursive: true });
});

const file = async (name: string, content: string): Promise<string> => {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
};
const create = (more: JsonObject = {}, host = fakeHost()): Promise<HttpProvider> =>
  createProvider(bedrock, { region: 'eu-central-1', ...more }, host);

/** The id of the key that a call is signed with, and its session. */
async function signedBy(provider: HttpProvider): Promise<[id: string | undefined, session: string | undefined]> {
  const headers = (await provider.sign?.(REQUEST)) ?? {};
  return [/Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1], headers['x-amz-security-token']];
}
const failureOf = (provider: HttpProvider): Promise<SignalboxError> =>
  Promise.resolve(provider.sign?.(REQUEST)).then(
    () => {
      throw new Error('it was signed');
    },
    (error: SignalboxError) => error,
  );

/** A key as the container's server gives it. */
const key = (id: string, livesMs = HOUR_MS): JsonObject => ({
  AccessKeyId: id,
  SecretAccessKey: `secret of ${id}`,
  Token: `session of ${id}`,
  Expiration: new Date(Date.now() + livesMs).toISOString(),
});
const container = (): void => {
  process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI = `${server.url}/role`;
};

describe('a key is found', () => {
  it('in the environment', async () => {
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDENV', AWS_SECRET_ACCESS_KEY: 's', AWS_SESSION_TOKEN: 't' });
    expect(await signedBy(await create())).toEqual(['AKIDENV', 't']);
  });

  it('in the shared files, under the profile of the environment or of the options', async () => {
    const section = (id: string) => `aws_access_key_id = ${id}\naws_secret_access_key = s\n`;
    await file('credentials', `[default]\n${section('AKIDDEFAULT')}[work]\n${section('AKIDWORK')}`);
    await file('config', `[profile play]\n${section('AKIDPLAY')}`);
    expect(await signedBy(await create())).toEqual(['AKIDDEFAULT', undefined]);
    expect(await signedBy(await create({ profile: 'work' }))).toEqual(['AKIDWORK', undefined]);
    process.env.AWS_PROFILE = 'play';
    expect(await signedBy(await create())).toEqual(['AKIDPLAY', undefined]);
  });

  it('by a program', async () => {
    const said = { Version: 1, AccessKeyId: 'AKIDPROCESS', SecretAccessKey: 's', SessionToken: 't' };
    const program = await file('program.cjs', `console.log(${JSON.stringify(JSON.stringify(said))})`);
    await file('config', `[profile tool]\ncredential_process = "${process.execPath}" "${program}"\n`);
    expect(await signedBy(await create({ profile: 'tool' }))).toEqual(['AKIDPROCESS', 't']);
  });

  it('by SSO', async () => {
    const expiresAt = new Date(Date.now() + HOUR_MS).toISOString();
    const cached = `${createHash('sha1').update(START_URL).digest('hex')}.json`;
    await file(`.aws/sso/cache/${cached}`, JSON.stringify({ accessToken: 'sso-token', expiresAt }));
    const sso = { sso_start_url: START_URL, sso_region: 'eu-west-1', sso_account_id: '1', sso_role_name: 'coder' };
    const lines = Object.entries(sso).map(([name, value]) => `${name} = ${value}\n`);
    await file('config', `[profile sso]\n${lines.join('')}`);
    process.env.AWS_ENDPOINT_URL_SSO = server.url;
    const roleCredentials = {
      accessKeyId: 'AKIDSSO',
      secretAccessKey: 's',
      sessionToken: 't',
      expiration: Date.now() + HOUR_MS,
    };
    server.on('GET /federation/credentials', json(200, { roleCredentials }));
    expect(await signedBy(await create({ profile: 'sso' }))).toEqual(['AKIDSSO', 't']);
    expect(server.requests[0]?.headers['x-amz-sso_bearer_token']).toBe('sso-token');
  });

  it('by a web identity', async () => {
    process.env.AWS_WEB_IDENTITY_TOKEN_FILE = await file('token', 'the-identity');
    process.env.AWS_ROLE_ARN = 'arn:aws:iam::123456789012:role/coder';
    process.env.AWS_ENDPOINT_URL_STS = server.url;
    const expiration = new Date(Date.now() + HOUR_MS).toISOString();
    server.on(
      'POST /',
      raw(
        200,
        { 'content-type': 'text/xml' },
        '<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">' +
          '<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>AKIDWEB</AccessKeyId>' +
          `<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>${expiration}</Expiration>` +
          '</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>',
      ),
    );
    expect(await signedBy(await create())).toEqual(['AKIDWEB', 't']);
    const asked = new URLSearchParams(String(server.requests[0]?.rawBody));
    expect([asked.get('RoleArn'), asked.get('WebIdentityToken')]).toEqual([process.env.AWS_ROLE_ARN, 'the-identity']);
  });

  it('in the container', async () => {
    container();
    process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN = 'for-the-container';
    server.on('GET /role', json(200, key('AKIDTASK')));
    expect(await signedBy(await create())).toEqual(['AKIDTASK', 'session of AKIDTASK']);
    expect(server.requests[0]?.headers.authorization).toBe('for-the-container');
  });

  it('on the instance', async () => {
    delete process.env.AWS_EC2_METADATA_DISABLED;
    process.env.AWS_EC2_METADATA_SERVICE_ENDPOINT = server.url;
    const path = '/latest/meta-data/iam/security-credentials/';
    server.on('PUT /latest/api/token', raw(200, {}, 'metadata-token'));
    server.on(`GET ${path}`, raw(200, {}, 'coder'));
    server.on(`GET ${path}coder`, json(200, { Code: 'Success', ...key('AKIDINSTANCE') }));
    expect(await signedBy(await create())).toEqual(['AKIDINSTANCE', 'session of AKIDINSTANCE']);
  });
});

describe('what was found', () => {
  it('serves all calls, and those that come at the same time wait for one look-up', async () => {
    container();
    server.on('GET /role', json(200, key('AKIDTASK')));
    const provider = await create();
    const all = await Promise.all(Array.from({ length: 20 }, () => signedBy(provider)));
    expect(new Set(all.map(([id]) => id))).toEqual(new Set(['AKIDTASK']));
    await signedBy(provider);
    expect(server.requests).toHaveLength(1);
  });

  it('is renewed before it expires', async () => {
    container();
    server.once('GET /role', json(200, key('AKIDFIRST', 60_000)));
    server.on('GET /role', json(200, key('AKIDSECOND')));
    const provider = await create();
    expect(await signedBy(provider)).toEqual(['AKIDFIRST', expect.any(String)]);
    // Within its last five minutes it still serves, while the next one is fetched.
    await signedBy(provider);
    await server.waitForRequest(1);
    for (let tries = 0; (await signedBy(provider))[0] !== 'AKIDSECOND'; tries++) {
      expect(tries).toBeLessThan(500);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(server.requests).toHaveLength(2);
  });

  it('is looked up anew once Bedrock says that it has expired: another program may have written new ones', async () => {
    const write = (id: string) =>
      file('credentials', `[default]\naws_access_key_id = ${id}\naws_secret_access_key = s\n`);
    await write('AKIDOLD');
    const provider = await create();
    const refused = (type = 'ExpiredTokenException') =>
      provider.refineError?.(provider.format.decodeError(403, { 'x-amzn-errortype': type }, '{"message":"expired"}'), {
        status: 403,
        headers: { 'x-amzn-errortype': type },
        body: '{"message":"expired"}',
      });
    expect(refused()).toMatchObject({ code: 'PROVIDER_AUTH' });
    expect((await signedBy(provider))[0]).toBe('AKIDOLD');
    await write('AKIDNEW');
    expect((await signedBy(provider))[0]).toBe('AKIDOLD');
    // All calls that were under way hear the same.
    for (let calls = 0; calls < 3; calls++) {
      expect(refused()).toMatchObject({ code: 'PROVIDER_FAILED', status: 503, retryable: true });
    }
    expect((await signedBy(provider))[0]).toBe('AKIDNEW');
    expect(refused()).toMatchObject({ code: 'PROVIDER_FAILED' });
    // Nobody has written anything since: what is refused again is refused.
    expect((await signedBy(provider))[0]).toBe('AKIDNEW');
    expect(refused()).toMatchObject({ code: 'PROVIDER_AUTH', shouldRetry: false });
    expect(refused('AccessDeniedException')).toMatchObject({ code: 'PROVIDER_AUTH' });
  });
});

describe('where nothing is found', () => {
  it('the error says what to do, and the next call looks again', async () => {
    const provider = await create();
    const error = await failureOf(provider);
    expect(error).toMatchObject({ code: 'PROVIDER_AUTH', status: 502, shouldRetry: false });
    expect(error.message).toContain('AWS_ACCESS_KEY_ID');
    expect(error.message).toContain('"apiKey"');
    Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKIDLATE', AWS_SECRET_ACCESS_KEY: 's' });
    expect((await signedBy(provider))[0]).toBe('AKIDLATE');
  });

  it('the error names the profile that was asked for', async () => {
    expect((await failureOf(await create({ profile: 'typo' }))).message).toContain('Check the profile "typo"');
  });

  it('an SSO session that has expired is told with the command that renews it', async () => {
    const cached = `${createHash('sha1').update(START_URL).digest('hex')}.json`;
    await file(`.aws/sso/cache/${cached}`, '{"accessToken":"x","expiresAt":"2020-01-01T00:00:00Z"}');
    await file(
      'config',
      `[profile sso]\nsso_start_url = ${START_URL}\nsso_region = r\nsso_account_id = 1\nsso_role_name = c\n`,
    );
    const { message } = await failureOf(await create({ profile: 'sso' }));
    expect(message).toContain('aws sso login --profile sso');
  });

  it('F101 nothing of what AWS’s package says is told: it may quote programs and what they print', async () => {
    const program = await file('program.cjs', `console.error('password-of-a-vault'); process.exit(1)`);
    await file('config', `[profile tool]\ncredential_process = "${process.execPath}" "${program}" --pin 1234\n`);
    const host = fakeHost();
    const error = await failureOf(await create({ profile: 'tool' }, host));
    expect(host.logged).not.toEqual([]);
    const told = JSON.stringify([error.message, error.cause ?? '', host.logged]);
    for (const secret of ['vault', '1234', 'program.cjs']) expect(told).not.toContain(secret);
  });

  it('a look-up that takes too long ends', async () => {
    const never = await file('program.cjs', 'setTimeout(() => {}, 5_000)');
    await file('config', `[profile slow]\ncredential_process = "${process.execPath}" "${never}"\n`);
    const provider = await create({ profile: 'slow' });
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance'] });
    try {
      const failed = failureOf(provider);
      // The limit is set once AWS's package is there.
      while (jest.getTimerCount() === 0) await new Promise((resolve) => setImmediate(resolve));
      jest.advanceTimersByTime(10_000);
      expect((await failed).message).toContain('not found within 10000 ms');
    } finally {
      jest.useRealTimers();
    }
  });
});
