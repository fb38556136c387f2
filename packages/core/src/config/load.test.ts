import { describe, expect, it } from '@jest/globals';
import { ConfigError } from './errors.ts';
import { parseConfig } from './load.ts';

function problemsOf(text: string, env: Record<string, string> = {}): string[] {
  try {
    parseConfig(text, '/etc/box/signalbox.jsonc', env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('parseConfig', () => {
  it('reads comments and trailing commas, and fills in the server defaults', () => {
    const config = parseConfig(
      '{\n  // mine\n  "server": { "port": 4000, },\n  "plugins": ["a", ["./b.ts", { "x": 1 }],],\n}',
      '/etc/box/signalbox.jsonc',
      {},
    );
    expect(config.server).toMatchObject({ port: 4000, host: '127.0.0.1' });
    expect(config.plugins.map(({ plugin, options }) => [plugin, options])).toEqual([
      ['a', undefined],
      ['./b.ts', { x: 1 }],
    ]);
    expect(config.dir).toBe('/etc/box');
  });

  it('reads the environment, with defaults and literals', () => {
    const text = '{ "plugins": [["a", { "k": "${KEY}", "d": "${NONE:-fall}", "e": "${NONE:-}", "l": "$${KEY}" }]] }';
    expect(parseConfig(text, 'x.jsonc', { KEY: 'v' }).plugins[0]?.options).toEqual({
      k: 'v',
      d: 'fall',
      e: '',
      l: '${KEY}',
    });
  });

  it('names file, line, column and path of an unset variable', () => {
    expect(problemsOf('{\n  "plugins": [\n    ["a", { "apiKey": "${NOPE}" }]\n  ]\n}')).toEqual([
      'signalbox.jsonc:3:23: plugins[0][1].apiKey: the environment variable NOPE is not set. Set it, or write ${NOPE:-default}.',
    ]);
  });

  it('suggests the key that was meant', () => {
    expect(problemsOf('{ "plugins": [], "server": { "prot": 1 } }')).toEqual([
      'signalbox.jsonc:1:30: server.prot: unknown key. Did you mean "port"?',
    ]);
  });

  it('reports every problem in one go', () => {
    const problems = problemsOf('{ "server": { "port": "x", "host": 1 } }');
    expect(problems).toHaveLength(3);
    expect(problems.join('\n')).toContain('server.port: must be an integer, not this string');
    expect(problems.join('\n')).toContain('plugins: required, but missing');
  });

  it('places syntax errors', () => {
    expect(problemsOf('{\n  "plugins": [}\n}')[0]).toMatch(/^signalbox\.jsonc:2:15: not valid JSON: value expected/);
    expect(problemsOf('')).toHaveLength(1);
  });

  it.each(['{ "toString": 1 }', '[{ "toString": 1, "valueOf": null }]', '{ "__proto__": null }'])(
    'takes nothing but a name for one: %s',
    (name) => {
      expect(problemsOf(`{ "plugins": [[${name}]] }`)).toEqual([
        'signalbox.jsonc:1:16: plugins[0][0]: must be the name of a plugin',
      ]);
    },
  );

  it('reads what editors on Windows save, with a mark ahead of it', () => {
    expect(parseConfig('\uFEFF{ "plugins": [] }', 'x.jsonc', {}).plugins).toEqual([]);
    expect(problemsOf('\uFEFF{ "plugins": 1 }')[0]).toMatch(/^signalbox\.jsonc:1:15: plugins/);
  });

  it('names a key that stands twice, as one of its values would be lost', () => {
    expect(problemsOf('{ "plugins": ["a"],\n  "server": { "port": 1,\n "port": 2 },\n  "plugins": [] }')).toEqual([
      'signalbox.jsonc:3:2: server.port: stands here twice',
      'signalbox.jsonc:4:3: plugins: stands here twice',
    ]);
  });

  it.each([200, 3_000, 100_000])('says what is nested too deep: %i levels', (levels) => {
    const text = `{\n"plugins": [["a", { "k": ${'{"k":['.repeat(levels)}1${']}'.repeat(levels)} }]] }`;
    expect(problemsOf(text)).toEqual([expect.stringMatching(/^signalbox\.jsonc:\d:\d+: .*nested too deep$/)]);
  });

  it('never repeats a value that may be a secret', () => {
    expect(problemsOf('{ "plugins": [], "server": { "port": "sk-secret" } }').join()).not.toContain('sk-secret');
  });
});

describe('a variable', () => {
  it('that is set but empty is said to be empty, and is reported once', () => {
    expect(problemsOf('{ "plugins": [], "server": { "port": "${PORT}" } }', { PORT: '' })).toEqual([
      'signalbox.jsonc:1:38: server.port: the environment variable PORT is empty. Set it, or write ${PORT:-default}.',
    ]);
  });
});

describe('a variable where the schema wants no text', () => {
  const server = (text: string) => `{ "plugins": [], "server": ${text} }`;

  it.each<[string, Record<string, string>, object]>([
    ['{ "port": "${PORT}" }', { PORT: '4000' }, { port: 4000 }],
    ['{ "port": "${PORT:-8080}" }', {}, { port: 8080 }],
    ['{ "port": "${PORT}", "maxBodyBytes": "${MAX}" }', { PORT: '0', MAX: '2048' }, { port: 0, maxBodyBytes: 2048 }],
    // Text stays text, whatever it looks like.
    ['{ "host": "${HOST}" }', { HOST: '127' }, { host: '127' }],
  ])('%s is converted', (text, env, expected) => {
    expect(parseConfig(server(text), 'x.jsonc', env).server).toMatchObject(expected);
  });

  it.each<[string, Record<string, string>, string]>([
    ['"${PORT}"', { PORT: 'secret' }, 'server.port: must be an integer, and the text of ${PORT} is none'],
    ['"${PORT}"', { PORT: '80.5' }, 'server.port: must be an integer, and the text of ${PORT} is none'],
    ['"${PORT}"', { PORT: ' 80' }, 'server.port: must be an integer, and the text of ${PORT} is none'],
    ['"${PORT:-http}"', {}, 'server.port: must be an integer, and the text of ${PORT:-http} is none'],
    ['"${PORT}"', { PORT: '99999' }, 'server.port: must be <= 65535'],
    // Only a reference alone is a value of its own.
    ['"4${PORT}"', { PORT: '000' }, 'server.port: must be an integer, not this string'],
    ['"4000"', {}, 'server.port: must be an integer, not this string'],
    ['"$${PORT}"', { PORT: '4000' }, 'server.port: must be an integer, not this string'],
  ])('%s with %j is refused', (port, env, message) => {
    expect(problemsOf(server(`{ "port": ${port} }`), env)).toEqual([expect.stringContaining(message)]);
  });

  it('says no more about one that is missing', () => {
    expect(problemsOf(server('{ "port": "${PORT}" }'))).toEqual([expect.stringContaining('PORT is not set')]);
  });
});
