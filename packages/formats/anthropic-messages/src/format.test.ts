import { describe, expect, it } from '@jest/globals';
import { pluginDefinition } from '@signalbox/kit';
import defaultExport, { anthropicMessages } from './index.ts';

describe('the format', () => {
  it('is a plugin, and its dialects are the same format but none', () => {
    expect(defaultExport).toBe(anthropicMessages);
    expect(pluginDefinition(anthropicMessages)?.name).toBe('format-anthropic-messages');
    const dialect = anthropicMessages.with({ documents: false });
    expect(dialect.id).toBe('anthropic-messages');
    expect(pluginDefinition(dialect)).toBeUndefined();
  });

  it('serves the messages paths, also under a doubled prefix', () => {
    const paths = anthropicMessages.ingress.map(({ method, path, operation }) => `${method} ${path} ${operation}`);
    expect(paths).toEqual([
      'POST /v1/messages chat',
      'POST /v1/messages/count_tokens count-tokens',
      'POST /v1/v1/messages chat',
      'POST /v1/v1/messages/count_tokens count-tokens',
      'GET /v1/models models',
      'GET /v1/models/:model model',
    ]);
  });

  it.each([
    ['/v1/models', { 'anthropic-version': '2023-06-01' }, true],
    ['/v1/models', { 'x-api-key': 'k' }, true],
    ['/v1/models', { 'user-agent': 'claude-code/2.1.197' }, true],
    ['/', { 'user-agent': 'claude-cli/2.1.197 (external, cli)' }, true],
    ['/v1/messages', {}, true],
    ['/v1/v1/messages/count_tokens', {}, true],
    ['/v1/messagesque', {}, false],
    ['/v1/models', { authorization: 'Bearer k', 'user-agent': 'OpenAI/JS 7' }, false],
  ])('recognises its clients at %s with %j: %p', (path, headers, expected) => {
    expect(anthropicMessages.recognises({ method: 'GET', path, headers })).toBe(expected);
  });

  it('forwards limits and account, not the request id', () => {
    expect(anthropicMessages.forwardsReplyHeader('anthropic-ratelimit-tokens-remaining')).toBe(true);
    expect(['request-id', 'content-length', 'set-cookie'].some(anthropicMessages.forwardsReplyHeader)).toBe(false);
  });

  it('F97 lists models with their limits', () => {
    const models = [{ id: 'a', displayName: 'A', contextTokens: 200_000, maxOutputTokens: 64_000 }, { id: 'b' }];
    const created_at = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);
    expect(anthropicMessages.encodeModels(models)).toEqual({
      data: [
        { type: 'model', id: 'a', display_name: 'A', created_at, max_input_tokens: 200_000, max_tokens: 64_000 },
        { type: 'model', id: 'b', display_name: 'b', created_at },
      ],
      has_more: false,
      first_id: 'a',
      last_id: 'b',
    });
    expect(anthropicMessages.encodeModels([])).toMatchObject({ data: [], first_id: null, last_id: null });
  });

  it('F26 answers a count, and reads usage on its own', () => {
    expect(anthropicMessages.encodeTokenCount?.(12)).toEqual({ input_tokens: 12 });
    expect(anthropicMessages.inspectReply({ content: [], usage: { input_tokens: 1, output_tokens: 2 } }).usage).toEqual(
      {
        promptTokens: 1,
        completionTokens: 2,
      },
    );
    expect(anthropicMessages.inspectReply({ content: [] })).toEqual({ usage: undefined, error: undefined });
    expect(anthropicMessages.inspectReply({ hello: 'world' }).error?.code).toBe('MALFORMED_REPLY');
  });
});
