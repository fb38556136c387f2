import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { errors } from '@signalbox/kit';
import { chat, holds, messages, router, type Wire } from '../test/support.ts';

const ID = '11111111-2222-4333-8444-555555555555';
const TOOLS = ['Read', 'Bash'].map((name) => ({ name, input_schema: { type: 'object' } }));
const image = { type: 'image', source: { type: 'url', url: 'https://host.example/a.png' } };
const pdf = { type: 'document', source: { type: 'url', url: 'https://host.example/a.pdf' } };
const user = (...content: readonly object[]): Wire => ({
  body: messages({ messages: [{ role: 'user', content: [...content] as never }] }),
});
const long: Wire = { body: messages({ messages: [{ role: 'user', content: 'word '.repeat(2_000) }] }) };
const search = { type: 'web_search_20250305', name: 'web_search' };

afterEach(() => {
  jest.useRealTimers();
});

describe('conditions that need no decoding', () => {
  it.each<[string, Wire, boolean]>([
    ['model == "claude-x"', {}, true],
    ['model.startsWith("claude-") && !model.endsWith("y")', {}, true],
    ['model.fits("claude-*")', {}, true],
    ['model.fits("*-y")', {}, false],
    ['model.search("^claude-[a-z]$")', {}, true],
    ['model.search("(?i)CLAUDE")', {}, true],
    ['model.search("^x")', {}, false],
    ['model in ["claude-x", "claude-y"]', {}, true],
    ['format == "openai-chat"', { format: 'openai-chat', body: chat() }, true],
    ['path.startsWith("/v1/messages")', {}, true],
    ['operation == "count-tokens"', { operation: 'count-tokens' }, true],
    ['stream', { body: messages({ stream: true }) }, true],
    ['!stream', {}, true],
    ['key == "team-a"', { principal: { id: 'team-a' } }, true],
    ['key == ""', { principal: undefined }, true],
    ['header("X-Team") == "a"', { headers: { 'x-team': 'a' } }, true],
    ['header("x-team") != "a"', {}, true],
    ['header("x-team").fits("a*")', { headers: { 'x-team': 'abc' } }, true],
    [`session == "${ID}"`, { headers: { 'x-claude-code-session-id': ID } }, true],
    [`session == "${ID}"`, { body: messages({ prompt_cache_key: ID }) }, true],
    ['session == ""', {}, true],
    ['bodyBytes > 10000', long, true],
    ['bodyBytes > 10000', {}, false],
    ['now > timestamp("2020-01-01T00:00:00Z")', {}, true],
    // What is on the left decides it: what is on the right is not looked at.
    ['stream && images', {}, false],
    ['!stream || tokens > 5', {}, true],
  ])('%s', async (when, wire, expected) => {
    expect(await holds(when, wire)).toEqual({ holds: expected, decoded: false });
  });
});

describe('conditions on what a request says', () => {
  it.each<[string, Wire, boolean]>([
    ['tokens > 2000', long, true],
    ['tokens > 2000', {}, false],
    ['tokens > 2.5', {}, true],
    ['maxOutputTokens <= 100', {}, true],
    ['maxOutputTokens == 0', { format: 'openai-chat', body: chat() }, true],
    ['"Bash" in tools', { body: messages({ tools: TOOLS }) }, true],
    ['"Bash" in tools', {}, false],
    ['tools.exists(tool, tool.fits("mcp__*"))', { body: messages({ tools: TOOLS }) }, false],
    ['tools.exists(tool, tool.search("^B"))', { body: messages({ tools: TOOLS }) }, true],
    ['size(tools) == 2', { body: messages({ tools: TOOLS }) }, true],
    ['images', user(image), true],
    ['images', user(pdf), false],
    ['documents', user(pdf), true],
    ['webSearch', { body: messages({ tools: [search] }) }, true],
    ['reasoning', { body: messages({ thinking: { type: 'adaptive' } }) }, true],
    ['reasoning', { body: messages({ thinking: { type: 'disabled' } }) }, false],
    ['reasoning', { body: messages({ output_config: { effort: 'high' } }) }, false],
    ['effort == "high"', { body: messages({ output_config: { effort: 'high' } }) }, true],
    ['reasoning', { format: 'openai-chat', body: chat({ reasoning_effort: 'high' }) }, true],
    ['effort == ""', {}, true],
    ['metadata("user_id") == "u"', { body: messages({ metadata: { user_id: 'u' } }) }, true],
    ['metadata("team") == "a"', { format: 'openai-chat', body: chat({ metadata: { team: 'a' } }) }, true],
    ['metadata("team") == ""', { format: 'openai-chat', body: chat({ metadata: { team: {} } }) }, true],
    ['metadata("toString") == ""', { format: 'openai-chat', body: chat({ metadata: { team: 'a' } }) }, true],
  ])('%s', async (when, wire, expected) => {
    expect(await holds(when, wire)).toEqual({ holds: expected, decoded: true });
  });
});

describe('conditions on the time', () => {
  it.each<[string, string, boolean]>([
    ['between("22:00", "06:00", "UTC")', '2026-03-01T23:00:00Z', true],
    ['between("22:00", "06:00", "UTC")', '2026-03-01T06:00:00Z', false],
    ['between("22:00", "06:00", "Asia/Tokyo")', '2026-03-01T14:00:00Z', true],
    ['now.getDayOfWeek("Asia/Tokyo") == 1', '2026-03-01T20:00:00Z', true],
    ['now.getDayOfWeek("UTC") == 1', '2026-03-01T20:00:00Z', false],
  ])('%s at %s', async (when, time, expected) => {
    jest.useFakeTimers({ now: new Date(time), doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
    expect((await holds(when)).holds).toBe(expected);
  });
});

describe('a condition that cannot work', () => {
  it.each([
    ['modle == "x"', 'Unknown variable: modle (at character 1). Did you mean "model"?'],
    ['stream && thinking', 'Unknown variable: thinking (at character 11). Did you mean reasoning?'],
    ['headers["x"] == "y"', 'Did you mean header("name")?'],
    ['zzzzzzzz', 'Known: model, format,'],
    ['constructor == 1', 'Unknown variable: constructor'],
    ['model.startWith("x")', 'Did you mean "startsWith"?'],
    ['beetween("01:00", "02:00")', 'Did you mean "between"?'],
    ['model ==', 'Unexpected token: EOF (at character 9)'],
    ['tokens > "many"', 'no such overload: int > string'],
    ['model', 'must be true or false, not of type string'],
    ['model.matches("a+")', 'write search("…")'],
    ['tools.exists(tool, tool.matches("a+"))', 'write search("…")'],
    ['model.search("(a")', 'missing closing )'],
    ['model.search("(?=a)")', 'invalid or unsupported Perl syntax'],
    ['model.search(key)', 'search() takes texts in quotes'],
    ['header(model) == ""', 'header() takes texts in quotes'],
    ['tokens.fits("1*")', 'fits() is asked of a text, not of type int'],
    ['between("22:00", "6:00")', 'a time is written HH:MM, from "00:00" to "24:00", not "6:00"'],
    ['between("08:00", "08:00")', 'no time at all'],
    ['between("22:00", "06:00", "Berlin")', 'there is no time zone "Berlin"'],
    ['model.constructor == ""', "Cannot index type 'string'"],
  ])('%s', async (when, message) => {
    await expect(router([{ to: 'a/x' }, { when, to: 'a/x' }])).rejects.toMatchObject({
      code: 'BAD_CONFIG',
      message: expect.stringContaining(message),
    });
    await expect(router([{ to: 'a/x' }, { when, to: 'a/x' }])).rejects.toThrow(/^rules\[1\]\.when: /);
  });

  it('is reported with all the others', async () => {
    const list = [{ when: 'foo', to: 'a/x' }, { to: 'gpt' }, { when: 'bar', to: 'b/y' }];
    await expect(router(list)).rejects.toThrow(/rules\[0\]\.when: .*\nrules\[1\]\.to: .*\nrules\[2\]\.when: /);
  });
});

describe('a request for which a condition has no value', () => {
  it('does not fit, the next rule is asked, and the log says so once', async () => {
    const { host, decide } = await router([{ name: 'odd', when: 'tools[3] == "x"', to: 'a/x' }, { to: 'b/y' }]);
    for (let times = 0; times < 3; times++) expect((await decide()).targets).toEqual(['b/y']);
    expect(host.logged).toEqual([
      expect.objectContaining({ level: 'warn', message: expect.stringContaining('the rule "odd" has no value') }),
    ]);
  });

  it('fits where the rest of the condition decides it', async () => {
    expect((await holds('tools[3] == "x" || !stream')).holds).toBe(true);
  });

  it('may be one that cannot be decoded, but no cover for a fault of the decoder', async () => {
    const { decide } = await router([{ when: 'images', to: 'a/x' }, { to: 'b/y' }]);
    expect((await decide({ fault: errors.invalidRequest('no') })).targets).toEqual(['b/y']);
    await expect(decide({ fault: new RangeError('a bug') })).rejects.toThrow('a bug');
  });
});

it('takes time in proportion to a client’s text, whatever the expression', async () => {
  const body = messages({ model: `${'a'.repeat(1_000)}!` });
  const { decide } = await router([{ when: 'model.search("^(a+)+$")', to: 'a/x' }]);
  const before = process.cpuUsage();
  expect((await decide({ body })).targets).toBeUndefined();
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(5_000);
});
