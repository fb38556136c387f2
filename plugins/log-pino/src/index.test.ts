import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { ExchangeRecord, JsonObject, Logger } from '@signalbox/kit';
import { applyPlugin, fakeHost } from '@signalbox/testkit';
import logPino from './index.ts';

const RECORD: ExchangeRecord = {
  id: 'sbx_1',
  time: '2026-11-22T00:00:00.000Z',
  operation: 'chat',
  format: 'anthropic-messages',
  path: '/v1/messages',
  principal: 'team',
  model: 'claude-x',
  stream: true,
  status: 200,
  route: 'the default',
  target: 'deepseek/deepseek-v4-pro',
  lane: 'canonical',
  attempts: [
    {
      target: { provider: 'a', model: 'b' },
      lane: 'canonical',
      startedMs: 1,
      endedMs: 11.26,
      outcome: 'failed',
      providerStatus: 429,
      error: { code: 'RATE_LIMITED', message: 'slow', status: 429, retryable: true },
    },
  ],
  usage: { promptTokens: 30, cacheReadTokens: 20, completionTokens: 5 },
  costUsd: 0.001,
  notes: [
    { path: 'a', action: 'dropped', reason: 'r' },
    { path: 'b', action: 'mapped', reason: 'r' },
  ],
  aborted: false,
  timings: { routedMs: 0.1, firstByteMs: 300.04, totalMs: 1234.56 },
  bytesIn: 10,
  bytesOut: 20,
};

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true });
});

/** Runs a plugin over a file and gives back what it wrote once it was closed. */
async function logged(
  use: (log: (record: ExchangeRecord) => void, logger: Logger) => void,
  options: JsonObject = {},
): Promise<{ lines: JsonObject[]; file: string }> {
  const configDir = await mkdtemp(join(tmpdir(), 'signalbox-log-'));
  folders.push(configDir);
  let logger: Logger | undefined;
  const host = Object.assign(fakeHost({ configDir }), { setLogger: (given: Logger) => (logger = given) });
  await applyPlugin(logPino, { level: 'info', destination: 'log.jsonl', ...options }, host);
  if (logger === undefined) throw new TypeError('the plugin took no logger over');
  use((record) => host.hooks.log.call(record), logger);
  await host.hooks.close.promise();
  const file = join(configDir, 'log.jsonl');
  const text = await readFile(file, 'utf8');
  return {
    file,
    lines: text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as JsonObject),
  };
}

describe('a line', () => {
  it('says everything about an exchange but its contents', async () => {
    const { lines } = await logged((log) => log(RECORD));
    expect(lines).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        msg: '200 claude-x → deepseek/deepseek-v4-pro',
        id: 'sbx_1',
        started: RECORD.time,
        operation: 'chat',
        format: 'anthropic-messages',
        principal: 'team',
        model: 'claude-x',
        target: 'deepseek/deepseek-v4-pro',
        route: 'the default',
        lane: 'canonical',
        stream: true,
        status: 200,
        ms: 1234.6,
        firstByteMs: 300,
        tokens: { prompt: 30, cacheRead: 20, completion: 5 },
        costUsd: 0.001,
        notes: 'dropped=1; mapped=1',
        attempts: [
          {
            target: 'a/b',
            lane: 'canonical',
            outcome: 'failed',
            ms: 10.3,
            status: 429,
            error: { code: 'RATE_LIMITED', message: 'slow' },
          },
        ],
        bytesIn: 10,
        bytesOut: 20,
      },
    ]);
  });

  it('is one line per exchange, all written before the plugin has closed', async () => {
    const { lines } = await logged((log) => {
      for (let i = 0; i < 500; i++) log({ ...RECORD, id: `${i}` });
    });
    expect(lines.map(({ id }) => id)).toEqual(Array.from({ length: 500 }, (_, i) => `${i}`));
  });

  it.each([
    [200, false, 'info'],
    [404, false, 'warn'],
    [499, true, 'warn'],
    [200, true, 'warn'],
    [502, false, 'error'],
  ])('of status %i (client left: %j) has the level %s', async (status, aborted, level) => {
    const { lines } = await logged((log) => log({ ...RECORD, status, aborted }));
    expect(lines[0]).toMatchObject({ level });
  });

  it.each([
    [200, false, 502, 'error', '200 claude-x → deepseek/deepseek-v4-pro: CUT_STREAM'],
    [200, false, 400, 'warn', '200 claude-x → deepseek/deepseek-v4-pro: CUT_STREAM'],
    [502, false, 502, 'error', '502 claude-x → deepseek/deepseek-v4-pro: CUT_STREAM'],
    [200, true, 502, 'warn', '200 claude-x → deepseek/deepseek-v4-pro: CUT_STREAM'],
  ])(
    'of status %i (client left: %j) with an error of status %i has the level %s and its code',
    async (status, aborted, of, level, msg) => {
      const error = { code: 'CUT_STREAM', message: 'It broke off.', status: of, retryable: true };
      const { lines } = await logged((log) => log({ ...RECORD, status, aborted, error }), { level: 'warn' });
      expect(lines[0]).toMatchObject({ level, msg });
    },
  );

  it('lists its notes at level debug', async () => {
    const { lines } = await logged((log) => log(RECORD), { level: 'debug' });
    expect(lines[0]?.noteList).toEqual(RECORD.notes);
  });

  it('lists its notes at every level where the client asked for a receipt', async () => {
    const { lines } = await logged((log) => {
      log({ ...RECORD, receipt: true });
      log(RECORD);
    });
    expect(lines.map(({ noteList }) => noteList)).toEqual([RECORD.notes, undefined]);
  });

  it('is left out below the level', async () => {
    const { lines } = await logged(
      (log) => {
        log(RECORD);
        log({ ...RECORD, id: 'bad', status: 500 });
      },
      { level: 'error' },
    );
    expect(lines.map(({ id }) => id)).toEqual(['bad']);
  });
});

describe('F101 secrets', () => {
  it.each([
    'Incorrect API key provided: sk-proj-abcdefgh1234',
    'bad sk-ant-api03-AAAA_BBBB-CCCC',
    'got Bearer abc.def.ghi',
    'key sk-or-v1-0123456789abcdef is disabled',
  ])('are blotted out of an error: %s', async (message) => {
    const error = { code: 'PROVIDER_REJECTED', message, status: 400, retryable: false };
    const [first] = RECORD.attempts;
    const attempts = first === undefined ? [] : [{ ...first, error }];
    const { lines } = await logged((log) => log({ ...RECORD, status: 400, error, attempts }));
    expect(JSON.stringify(lines)).toContain('[key]');
    expect(JSON.stringify(lines)).not.toMatch(/abcdefgh1234|AAAA_BBBB|abc\.def|0123456789abcdef/);
  });

  it('are redacted where another plugin logs them', async () => {
    const secret = 'do-not-show';
    const { lines } = await logged((_log, logger) => {
      logger.warn({ provider: 'p', headers: { authorization: secret }, apiKey: secret, nested: { key: secret } }, 'w');
      logger.error({ request: { headers: { 'x-api-key': secret }, body: secret } }, 'e');
    });
    expect(lines).toMatchObject([
      { level: 'warn', msg: 'w', provider: 'p' },
      { level: 'error', msg: 'e' },
    ]);
    expect(JSON.stringify(lines)).not.toContain(secret);
  });

  it('need a file that only its owner reads', async () => {
    const { file } = await logged((log) => log(RECORD));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});

describe('the gateway’s own log', () => {
  it('goes to the same place, errors with their stack', async () => {
    const { lines } = await logged((_log, logger) => {
      logger.info({ port: 1 }, 'ready');
      logger.error({ err: new TypeError('broken') }, 'failed');
    });
    expect(lines).toMatchObject([
      { level: 'info', port: 1, msg: 'ready' },
      { level: 'error', msg: 'failed', err: { type: 'TypeError', message: 'broken', stack: expect.any(String) } },
    ]);
  });
});

it('stops the start where its file cannot be written', async () => {
  await expect(applyPlugin(logPino, { level: 'info', destination: 'no/such/folder/log' })).rejects.toThrow('ENOENT');
});
