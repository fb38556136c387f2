import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { agentRequest, callOf, createProvider, send, userRequest } from '@signalbox/testkit';
import openai from './index.ts';

const OPTIONS = { apiKey: 'k', baseUrl: 'https://api.openai.com/v1' };
const create = (more: JsonObject = {}) => createProvider(openai, { ...OPTIONS, ...more });
const SAMPLED = { temperature: 0.2, topP: 0.5, stopSequences: ['END'], maxOutputTokens: 9 };

describe('the call', () => {
  it('goes to Chat Completions with key, organization and project', async () => {
    const provider = await create({ baseUrl: 'https://eu.api.openai.com/v1/', organization: 'o', project: 'p' });
    const { url, headers } = send(provider, userRequest('gpt-6.1-sol'));
    expect(url).toBe('https://eu.api.openai.com/v1/chat/completions');
    expect(headers).toEqual({ authorization: 'Bearer k', 'openai-organization': 'o', 'openai-project': 'p' });
  });

  it('does not start without a key', async () => {
    await expect(createProvider(openai, { baseUrl: OPTIONS.baseUrl })).rejects.toThrow('apiKey');
  });
});

describe('a Chat client’s own body', () => {
  it.each([
    ['{"model":"gpt-6.1-sol","messages":[]}', true],
    ['{"messages":[{"role":"assistant","content":"x","reasoning_content":"y"}]}', false],
    ['{"messages":[{"role":"assistant","content":"x","reasoning_details":[]}]}', false],
  ])('F73 goes as it came unless it has reasoning of others: %s', async (body, accepted) => {
    const call = callOf(userRequest('gpt-6.1-sol'), { rawBody: Buffer.from(body) });
    expect((await create()).acceptsVerbatim?.(call)).toBe(accepted);
  });
});

describe('models that reason', () => {
  it.each([
    'o3',
    'o4-mini-2025-04-16',
    'gpt-5-mini',
    'gpt-5.1',
    'gpt-5.6-sol',
    'gpt-6.1-terra',
    'gpt-10',
    'ft:gpt-5.1:x',
  ])('F67 %s takes no sampling parameters and no stop sequences', async (model) => {
    const { body, notes, enforced } = send(await create(), userRequest(model, SAMPLED));
    expect(body).toMatchObject({ max_completion_tokens: 9 });
    for (const key of ['temperature', 'top_p', 'stop', 'max_tokens']) expect(body).not.toHaveProperty(key);
    expect(enforced).toEqual(['END']);
    expect(notes.map(({ path, action }) => `${action} ${path}`)).toEqual([
      'dropped temperature',
      'dropped topP',
      'mapped stopSequences',
    ]);
  });

  it.each(['gpt-4.1', 'gpt-4o-2024-11-20', 'gpt-5-chat-latest', 'ft:gpt-4.1:x'])('%s takes both', async (model) => {
    const { body, notes } = send(await create(), userRequest(model, SAMPLED));
    expect(body).toMatchObject({ temperature: 0.2, top_p: 0.5, stop: ['END'], max_completion_tokens: 9 });
    expect(notes).toEqual([]);
  });

  it('get developer messages, others get system messages', async () => {
    const roles = async (model: string) =>
      (send(await create(), agentRequest(model)).body.messages as JsonObject[]).map(({ role }) => role);
    expect((await roles('gpt-6.1-sol')).slice(0, 3)).toEqual(['developer', 'user', 'developer']);
    expect((await roles('gpt-4.1')).slice(0, 3)).toEqual(['system', 'user', 'system']);
  });

  it.each([
    ['o3', 'max', 'high'],
    ['o3', 'minimal', 'low'],
    ['gpt-5', 'minimal', 'minimal'],
    ['gpt-5.1', 'xhigh', 'high'],
    ['gpt-5.2', 'xhigh', 'xhigh'],
    ['gpt-5.2', 'max', 'xhigh'],
    ['gpt-6-luna', 'max', 'max'],
    ['gpt-6-luna', 'none', 'none'],
  ] as const)('F60 %s gets the effort %s as %s', async (model, effort, word) => {
    const { body, notes } = send(await create(), userRequest(model, { reasoning: { effort } }));
    expect(body.reasoning_effort).toBe(word);
    expect(notes.map(({ path }) => path)).toEqual(effort === word ? [] : ['reasoning.effort']);
  });

  it.each(['gpt-5.4', 'gpt-5.5', 'gpt-5.6-sol'])('%s has no reasoning beside tools, which is noted', async (model) => {
    const asked = send(await create(), agentRequest(model));
    expect(asked.body.reasoning_effort).toBe('none');
    expect(asked.notes).toContainEqual(expect.objectContaining({ path: 'reasoning', action: 'dropped' }));
    const { reasoning: _, ...unasked } = agentRequest(model);
    expect(send(await create(), unasked).body.reasoning_effort).toBe('none');
    const withoutTools = userRequest(model, { reasoning: { effort: 'high' } });
    expect(send(await create(), withoutTools).body.reasoning_effort).toBe('high');
  });

  it.each(['gpt-5.2', 'gpt-6.1-sol', 'o3'])('%s has both', async (model) => {
    expect(send(await create(), agentRequest(model)).body.reasoning_effort).toBe('high');
  });
});

it('F48 F44 F70 F66 sends an agent’s turn in OpenAI’s words', async () => {
  const { body, notes } = send(await create(), agentRequest('gpt-6.1-sol'));
  expect(body).toEqual({
    model: 'gpt-6.1-sol',
    messages: [
      { role: 'developer', content: 'You are an agent.' },
      { role: 'user', content: 'Read both files.' },
      { role: 'developer', content: 'Be brief.' },
      {
        role: 'assistant',
        content: 'Reading.',
        tool_calls: [
          { id: 'toolu_1', type: 'function', function: { name: 'Read', arguments: '{"path":"a"}' } },
          { id: 'toolu_2', type: 'function', function: { name: 'Read', arguments: '{"path":"b"}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'toolu_1', content: 'A' },
      { role: 'tool', tool_call_id: 'toolu_2', content: 'Error: no such file' },
      { role: 'user', content: 'Go on.' },
    ],
    max_completion_tokens: 32_000,
    reasoning_effort: 'high',
    tools: [{ type: 'function', function: expect.objectContaining({ name: 'Read' }) }],
    safety_identifier: '{"device_id":"d","session_id":"s"}',
    stream: true,
    stream_options: { include_usage: true },
  });
  expect(notes.map(({ path, action }) => `${action} ${path}`)).toEqual([
    'dropped context_management',
    'dropped system[0]',
    'dropped cacheControl',
    'dropped messages[2].content',
  ]);
});

it('drops fields of a Chat client that OpenAI would refuse, with a note', async () => {
  const request = userRequest('gpt-6.1-sol', {
    extensions: { 'openai-chat': { verbosity: 'low', repetition_penalty: 1.1 } },
  });
  const { body, notes } = send(await create(), request);
  expect(body).toMatchObject({ verbosity: 'low' });
  expect(body).not.toHaveProperty('repetition_penalty');
  expect(notes).toContainEqual(expect.objectContaining({ path: 'repetition_penalty', action: 'dropped' }));
});
