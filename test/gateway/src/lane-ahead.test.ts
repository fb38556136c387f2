import { afterEach, describe, expect, it } from '@jest/globals';
import { definePlugin, type Lane } from '@signalbox/kit';
import providerDeepseek from '@signalbox/provider-deepseek';
import providerDemo from '@signalbox/provider-demo';
import providerOpenai from '@signalbox/provider-openai';
import { reply } from '@signalbox/testkit';
import { anthropicHeaders, chatBody, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const asked: (Lane | undefined)[] = [];
/** Asks without having anything to do. */
const curious = definePlugin({
  name: 'test-curious',
  apply: (host) => {
    host.hooks.transformIn.tap(
      {
        name: 'test-curious',
        when: (target, exchange) => {
          asked.push(host.laneOf(target, exchange));
          return false;
        },
      },
      (request) => request,
    );
  },
});

async function start(target: string): Promise<void> {
  asked.length = 0;
  gateway = await startTestGateway({
    targets: [target],
    plugins: (url) => [
      [curious],
      [providerDemo],
      [providerOpenai, { apiKey: 'sk-openai', baseUrl: `${url}/openai/v1` }],
      [providerDeepseek, { apiKey: 'sk-deepseek', baseUrl: `${url}/deepseek` }],
    ],
  });
  gateway.provider.on(() => true, reply({ text: 'Hi.' }));
}

const chat = (extra: object = {}) => ['/v1/chat/completions', chatBody(extra)] as const;
const messages = (extra: object = {}) => ['/v1/messages', messagesBody(extra), anthropicHeaders] as const;
const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];
const foreign = [
  { role: 'user', content: 'hi' },
  {
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: 'hm', signature: 'signalbox1.other.e30' },
      { type: 'text', text: 'hi' },
    ],
  },
  { role: 'user', content: 'again' },
];

describe('the lane that a plugin is told ahead is the one that the request takes', () => {
  it.each<[string, Lane, ReturnType<typeof chat> | ReturnType<typeof messages>]>([
    ['anthropic/claude-test', 'pass-through', messages()],
    ['anthropic/claude-test', 'canonical', messages({ messages: foreign })],
    ['anthropic/claude-test', 'canonical', chat()],
    ['chat/gpt-test', 'pass-through', chat()],
    ['chat/gpt-test', 'canonical', messages()],
    // One provider, two formats: the model and the request decide.
    ['openai/gpt-5.4', 'pass-through', chat()],
    ['openai/gpt-5.4', 'canonical', chat({ tools })],
    ['openai/gpt-5-codex', 'canonical', chat()],
    // It never takes a body as it is.
    ['deepseek/deepseek-v4-pro', 'canonical', chat()],
    ['demo/demo', 'local', chat()],
  ])('%s: %s', async (target, lane, [path, body, headers]) => {
    await start(target);
    const answer = await gateway.post(path, body, headers);
    expect([answer.status, answer.headers.get('x-signalbox-lane')]).toEqual([200, lane]);
    expect(new Set(asked)).toEqual(new Set([lane]));
  });

  it('is none of a provider that is not there', async () => {
    let told: unknown = 'nothing';
    const stranger = definePlugin({
      name: 'test-stranger',
      apply: ({ hooks, laneOf, format }) => {
        hooks.transformOut.tap('test-stranger', (answer, exchange) => {
          told = [laneOf({ provider: 'nobody', model: 'm' }, exchange), format(exchange.format)?.id, format('none')];
          return answer;
        });
      },
    });
    gateway = await startTestGateway({ plugins: [[stranger]] });
    gateway.provider.on(() => true, reply({ text: 'Hi.' }));
    await gateway.post(...messages());
    expect(told).toEqual([undefined, 'anthropic-messages', undefined]);
  });
});
