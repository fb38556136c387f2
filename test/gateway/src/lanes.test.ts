import { afterEach, describe, expect, it } from '@jest/globals';
import { definePlugin, mapEvents } from '@signalbox/kit';
import { anthropicTurn, json, openaiChatTurn, reply, sse } from '@signalbox/testkit';
import { anthropicHeaders, chatBody, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const turn = { text: 'Hello there', usage: { promptTokens: 12, completionTokens: 3 } };

describe('the pass-through lane', () => {
  it('sends the received bytes upstream and the reply bytes back, streamed', async () => {
    gateway = await startTestGateway();
    const { sse: stream } = anthropicTurn(turn, { model: 'claude-test' });
    gateway.provider.on('/v1/messages', sse(stream, { chunkSize: 17 }));
    const body =
      '{ "model":"claude-test",  "max_tokens":5, "unknown_field": [1,2], "messages":[{"role":"user","content":"hi"}], "stream":true }';
    const answer = await gateway.post('/v1/messages?beta=true', body, anthropicHeaders);
    expect(await answer.text()).toBe(stream);
    expect(answer.headers.get('x-signalbox-lane')).toBe('pass-through');
    expect(answer.headers.get('x-signalbox-fidelity')).toBe('lossless');
    const [request] = gateway.provider.requests;
    expect(request?.rawBody.toString()).toBe(body);
    expect(request?.headers['x-api-key']).toBe('sk-gateway-anthropic');
    expect(JSON.stringify(request?.headers)).not.toContain('client-key');
    const record = await gateway.nextRecord();
    expect(record).toMatchObject({
      lane: 'pass-through',
      status: 200,
      usage: { promptTokens: 12, completionTokens: 3 },
      attempts: [{ outcome: 'answered', providerStatus: 200 }],
      target: 'anthropic/claude-test',
    });
  });

  it('changes the model and nothing else, and echoes the one that was asked for', async () => {
    gateway = await startTestGateway({ targets: ['anthropic/claude-real'] });
    gateway.provider.on('/v1/messages', reply(turn));
    const whole = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(await whole.json()).toMatchObject({ model: 'claude-test' });
    expect(gateway.provider.requests[0]?.rawBody.toString()).toBe(
      JSON.stringify(messagesBody()).replace('claude-test', 'claude-real'),
    );
    const streamed = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    const text = await streamed.text();
    expect(text).toContain('"model":"claude-test"');
    expect(text).not.toContain('claude-real');
  });

  it('serves OpenAI Chat clients alike', async () => {
    gateway = await startTestGateway({ targets: ['chat/gpt-test'] });
    const { body } = openaiChatTurn(turn, { model: 'gpt-test' });
    gateway.provider.on('/v1/chat/completions', json(200, body));
    const answer = await gateway.post('/v1/chat/completions', chatBody(), { authorization: 'Bearer client-key' });
    expect(await answer.json()).toEqual(body);
    expect(gateway.provider.requests[0]?.headers.authorization).toBe('Bearer sk-gateway-chat');
  });

  it('passes an error body of the provider on as it is', async () => {
    gateway = await startTestGateway();
    const error = {
      type: 'error',
      error: { type: 'invalid_request_error', message: 'messages: Unexpected role "system".' },
    };
    gateway.provider.on('/v1/messages', json(400, error));
    const answer = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual(error);
  });
});

describe('the canonical lane', () => {
  it('translates Anthropic to Chat and back, streamed and whole', async () => {
    gateway = await startTestGateway({ targets: ['chat/gpt-test'] });
    gateway.provider.on('/v1/chat/completions', reply(turn));
    const whole = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(await whole.json()).toMatchObject({
      type: 'message',
      model: 'claude-test',
      content: [{ type: 'text', text: 'Hello there' }],
      stop_reason: 'end_turn',
      usage: { input_tokens: 12, output_tokens: 3 },
    });
    const streamed = await gateway.post('/v1/messages', messagesBody({ stream: true }), anthropicHeaders);
    const text = await streamed.text();
    expect(text).toContain('event: message_start');
    expect(text.trimEnd().endsWith('data: {"type":"message_stop"}')).toBe(true);
    expect(streamed.headers.get('x-signalbox-lane')).toBe('canonical');
    expect(gateway.provider.requests[1]?.body).toMatchObject({
      model: 'gpt-test',
      stream: true,
      messages: [{ role: 'user', content: 'hi' }],
    });
  });

  it('translates Chat to Anthropic and back', async () => {
    gateway = await startTestGateway();
    gateway.provider.on('/v1/messages', reply({ toolCalls: [{ id: 'toolu_1', name: 'f', arguments: '{"a":1}' }] }));
    const answer = await gateway.post(
      '/v1/chat/completions',
      chatBody({
        tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }],
      }),
    );
    expect(await answer.json()).toMatchObject({
      object: 'chat.completion',
      model: 'gpt-test',
      choices: [
        {
          finish_reason: 'tool_calls',
          message: { tool_calls: [{ id: 'toolu_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }] },
        },
      ],
    });
    expect(gateway.provider.requests[0]?.body).toMatchObject({ max_tokens: 32_000, tools: [{ name: 'f' }] });
  });

  it('is taken when a tap changes the request or the reply, not when taps only look', async () => {
    const look = definePlugin({
      name: 'look',
      apply({ hooks }) {
        hooks.transformIn.tap('look', (request) => request);
        hooks.transformOut.tap('look', (answer) => answer);
      },
    });
    const shout = definePlugin({
      name: 'shout',
      apply({ hooks }) {
        hooks.transformOut.tap('shout', (answer) =>
          mapEvents(
            answer,
            () => (event) => (event.type === 'text-delta' ? { ...event, text: event.text.toUpperCase() } : event),
          ),
        );
      },
    });
    gateway = await startTestGateway({ plugins: [[look]] });
    gateway.provider.on('/v1/messages', reply(turn));
    const looked = await gateway.post('/v1/messages', messagesBody(), anthropicHeaders);
    expect(looked.headers.get('x-signalbox-lane')).toBe('pass-through');
    await gateway.close();

    gateway = await startTestGateway({ plugins: [[shout]] });
    gateway.provider.on('/v1/messages', reply(turn));
    for (const stream of [false, true]) {
      const shouted = await gateway.post('/v1/messages', messagesBody({ stream }), anthropicHeaders);
      expect(shouted.headers.get('x-signalbox-lane')).toBe('canonical');
      expect(await shouted.text()).toContain('HELLO THERE');
    }
  });
});
