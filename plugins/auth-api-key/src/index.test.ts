import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { HeaderMap, JsonObject, Principal } from '@signalbox/kit';
import { pluginDefinition } from '@signalbox/kit';
import { applyPlugin, fakeExchange } from '@signalbox/testkit';
import auth from './index.ts';

const FIRST = 'first-key-0123456789';
const SECOND = 'second-key-0123456789';

async function gate(options: JsonObject): Promise<(headers: HeaderMap) => Promise<Principal | undefined>> {
  const { hooks } = await applyPlugin(auth, { mode: 'keys', keys: [], ...options });
  return (headers) => hooks.auth.promise(fakeExchange({ headers }));
}

describe('the gateway’s own keys', () => {
  const options = { keys: [FIRST, { key: SECOND, name: 'team' }] };

  it.each<[HeaderMap]>([
    [{ 'x-api-key': SECOND }],
    [{ 'x-api-key': ` ${SECOND} ` }],
    [{ authorization: `Bearer ${SECOND}` }],
    [{ authorization: `bearer  ${SECOND}` }],
    [{ authorization: `Bearer ${SECOND}`, 'x-api-key': 'the-key-of-something-else' }],
    [{ authorization: 'Bearer the-key-of-something-else', 'x-api-key': SECOND }],
  ])('let in with %j', async (headers) => {
    expect(await (await gate(options))(headers)).toEqual({ id: 'team' });
  });

  it('name a caller without a name by a short hash, and never by the key', async () => {
    const principal = await (await gate(options))({ 'x-api-key': FIRST });
    const hash = createHash('sha256').update(FIRST).digest('hex');
    expect(principal).toEqual({ id: `key-${hash.slice(0, 12)}` });
  });

  it.each<[HeaderMap]>([
    [{ 'x-api-key': 'wrong' }],
    [{ 'x-api-key': `${FIRST}x` }],
    [{ 'x-api-key': FIRST.slice(0, -1) }],
    [{ 'x-api-key': FIRST.toUpperCase() }],
    [{ authorization: 'Bearer wrong' }],
  ])('F101 refuse %j, and tell clients not to try again', async (headers) => {
    const refused = await (await gate(options))(headers).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'UNAUTHENTICATED', status: 401, shouldRetry: false });
    expect(String((refused as Error).message)).not.toMatch(/wrong|first-key/);
  });

  it.each<[HeaderMap]>([
    [{}],
    [{ 'x-api-key': '' }],
    [{ authorization: `Basic ${FIRST}` }],
    [{ authorization: FIRST }],
  ])('leave it to others where no key was sent: %j', async (headers) => {
    expect(await (await gate(options))(headers)).toBeUndefined();
  });

  it('have to be there', async () => {
    await expect(gate({})).rejects.toThrow('keys: list at least one');
  });

  it('are at least 16 characters long, by the schema', () => {
    const schema = pluginDefinition(auth)?.configSchema as unknown as {
      properties: {
        keys: { items: { anyOf: [{ minLength: number }, { properties: { key: { minLength: number } } }] } };
      };
    };
    const [plain, named] = schema.properties.keys.items.anyOf;
    expect([plain.minLength, named.properties.key.minLength]).toEqual([16, 16]);
  });
});

describe('forwarding', () => {
  it('hands the caller’s key on, and calls the caller by its hash', async () => {
    const ask = await gate({ mode: 'forward' });
    const principal = await ask({ authorization: 'Bearer sk-short' });
    expect(principal).toEqual({ id: expect.stringMatching(/^key-[0-9a-f]{12}$/), credential: 'sk-short' });
    expect(await ask({ 'x-api-key': 'sk-other' })).not.toMatchObject({ id: principal?.id });
    expect(await ask({})).toBeUndefined();
  });

  it('has no keys of its own', async () => {
    await expect(gate({ mode: 'forward', keys: [FIRST] })).rejects.toThrow('keys: have no use');
  });
});
