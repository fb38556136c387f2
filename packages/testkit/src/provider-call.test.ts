import { describe, expect, it } from '@jest/globals';
import { definePlugin } from '@signalbox/kit';
import { sampleFormat } from '../test/sample-format.ts';
import { sampleProvider } from '../test/sample-provider.ts';
import { callOf, createProvider, send } from './provider-call.ts';
import { agentRequest, userRequest } from './sample-requests.ts';

const options = { apiKey: 'sk-test', baseUrl: 'https://api.example' };

describe('a call without a socket', () => {
  it('is encoded, adapted and addressed as the gateway does it', async () => {
    const adapting = sampleProvider(() => ({
      adaptBody: (body, { notes }) => {
        notes.add('extra', 'mapped', 'adapted');
        return { ...body, adapted: true };
      },
    }));
    const provider = await createProvider(adapting, options);
    expect(send(provider, userRequest('a-model', { stream: true }))).toEqual({
      url: 'https://api.example/v1/chat/completions',
      headers: { authorization: 'Bearer sk-test' },
      body: { model: 'a-model', stream: true, messages: [['Hello.']], tools: [], adapted: true },
      notes: [{ path: 'extra', action: 'mapped', reason: 'adapted' }],
      enforced: [],
    });
  });

  it('goes to the model of the call, and tells the stop sequences that are left to the gateway', async () => {
    const enforcing = sampleProvider(() => ({
      format: {
        ...sampleFormat,
        encodeRequest: (_request, { model, enforceStopSequences }) => {
          enforceStopSequences(['END']);
          return { model };
        },
      },
    }));
    const provider = await createProvider(enforcing, options);
    const { body, enforced } = send(provider, agentRequest('asked'), { model: 'other' });
    expect([body, enforced]).toEqual([{ model: 'other' }, ['END']]);
  });

  it('takes what is given over what the request says', () => {
    const call = callOf(userRequest('m'), { lane: 'pass-through', headers: { a: 'b' } });
    expect(call).toMatchObject({ model: 'm', operation: 'chat', lane: 'pass-through', headers: { a: 'b' } });
  });

  it('needs a provider over HTTP', async () => {
    const nothing = definePlugin({ name: 'nothing', apply: () => {} });
    await expect(createProvider(nothing, {})).rejects.toThrow('adds no provider over HTTP');
  });
});
