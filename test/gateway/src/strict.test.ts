import { afterEach, describe, expect, it } from '@jest/globals';
import openaiResponses from '@signalbox/format-openai-responses';
import type { JsonObject } from '@signalbox/kit';
import providerDeepseek from '@signalbox/provider-deepseek';
import providerOpenai from '@signalbox/provider-openai';
import providerOpenrouter from '@signalbox/provider-openrouter';
import { reply } from '@signalbox/testkit';
import keepReasoning from '@signalbox/transform-keep-reasoning';
import maxTokens from '@signalbox/transform-max-tokens';
import responseStore from '@signalbox/transform-response-store';
import stablePrefix from '@signalbox/transform-stable-prefix';
import toolCheck from '@signalbox/transform-tool-check';
import { anthropicHeaders, startTestGateway, type TestGateway } from './harness.ts';

const schema = { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] };

/** Requests of agents with what they always say, whatever it is about. */
const AGENTS = {
  'Claude Code': {
    path: '/v1/messages?beta=true',
    headers: { ...anthropicHeaders, 'anthropic-beta': 'claude-code-20250219', 'user-agent': 'claude-cli/2.1.0' },
    body: {
      model: 'asked',
      max_tokens: 32_000,
      system: [
        { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.0; cch=00000;' },
        { type: 'text', text: 'You help with code.', cache_control: { type: 'ephemeral', ttl: '1h' } },
      ],
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'Which files are here?' }] },
        {
          role: 'assistant',
          content: [{ type: 'tool_use', id: 'toolu_1', name: 'Bash', input: { command: 'ls' } }],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'toolu_1',
              content: 'a.ts',
              cache_control: { type: 'ephemeral', ttl: '1h' },
            },
          ],
        },
      ],
      tools: [{ name: 'Bash', description: 'Runs a command.', input_schema: schema }],
      metadata: { user_id: '{"device_id":"d","session_id":"s"}' },
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
      context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
      stream: true,
    },
  },
  Codex: {
    path: '/v1/responses',
    headers: { originator: 'codex_exec', 'user-agent': 'codex_exec/0.60.0' },
    body: {
      model: 'asked',
      instructions: 'You help with code.',
      input: [
        { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Which files are here?' }] },
        {
          type: 'message',
          role: 'assistant',
          phase: 'commentary',
          content: [{ type: 'output_text', text: 'I look.' }],
        },
        { type: 'function_call', call_id: 'call_1', name: 'shell', arguments: '{"command":"ls"}' },
        { type: 'function_call_output', call_id: 'call_1', output: 'a.ts' },
      ],
      tools: [{ type: 'function', name: 'shell', description: 'Runs a command.', strict: false, parameters: schema }],
      tool_choice: 'auto',
      parallel_tool_calls: true,
      reasoning: { effort: 'high', summary: 'auto', context: 'all_turns' },
      store: false,
      stream: true,
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: '0199-thread',
      client_metadata: { 'x-codex-installation-id': 'i' },
    },
  },
} as const;
type Agent = keyof typeof AGENTS;

let gateway: TestGateway;
afterEach(() => gateway.close());

async function ask(agent: Agent, target: string, more: JsonObject = {}): Promise<Response> {
  gateway = await startTestGateway({
    targets: [target],
    plugins: (url) => [
      [openaiResponses],
      [providerOpenai, { apiKey: 'k', baseUrl: `${url}/v1` }],
      [providerOpenrouter, { apiKey: 'k', baseUrl: `${url}/api/v1` }],
      [providerDeepseek, { apiKey: 'k', baseUrl: `${url}/deepseek` }],
      // What everybody has who changes nothing.
      ...[maxTokens, stablePrefix, responseStore, keepReasoning, toolCheck].map((plugin) => [plugin] as const),
    ],
  });
  for (const path of [
    '/v1/chat/completions',
    '/api/v1/chat/completions',
    '/deepseek/chat/completions',
    '/v1/responses',
  ]) {
    gateway.provider.on(path, reply({ text: 'One file.' }));
  }
  const { path, headers, body } = AGENTS[agent];
  return gateway.post(path, { ...body, ...more }, { ...headers, 'x-signalbox-strict': '1' });
}

describe('what an agent always says', () => {
  it.each<[Agent, string]>([
    ['Claude Code', 'chat/some-model'],
    ['Claude Code', 'openrouter/z-ai/glm-5'],
    ['Claude Code', 'deepseek/deepseek-v4-pro'],
    ['Claude Code', 'openai/gpt-5.5'],
    ['Codex', 'chat/some-model'],
    ['Codex', 'openrouter/z-ai/glm-5'],
    ['Codex', 'deepseek/deepseek-v4-pro'],
    ['Codex', 'openai/gpt-5.5'],
  ])('is no loss: a strict %s at %s', async (agent, target) => {
    const answer = await ask(agent, target);
    expect([answer.status, await answer.text()]).toEqual([200, expect.stringContaining('One file.')]);
    const { notes } = await gateway.nextRecord();
    expect(notes.filter(({ action }) => action !== 'mapped')).toEqual([]);
  });

  it('is refused with the very fields that another provider cannot be told', async () => {
    const answer = await ask('Codex', 'deepseek/deepseek-v4-pro', {
      text: { verbosity: 'low' },
      tools: [...AGENTS.Codex.body.tools, { type: 'web_search' }],
    });
    expect(answer.status).toBe(400);
    const { error } = (await answer.json()) as { error: { message: string } };
    const [, list = ''] = /^Strict: (.*)$/s.exec(error.message) ?? [];
    const paths = [...list.matchAll(/([\w.[\]]+) \((?:dropped|approximated|refused): /g)].map(([, path]) => path);
    expect(paths.sort()).toEqual(['text.verbosity', 'tools[1]']);
    expect(gateway.provider.requests).toHaveLength(0);
  });
});
