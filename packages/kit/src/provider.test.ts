import { describe, expect, it } from '@jest/globals';
import type { Format } from './format.ts';
import { Notes } from './notes.ts';
import {
  commonProvider,
  countsTokens,
  credentialFor,
  type HttpProvider,
  isLocalProvider,
  type ProviderCall,
  providerForCall,
} from './provider.ts';

function call(credential?: string): ProviderCall {
  return {
    operation: 'chat',
    model: 'm',
    stream: false,
    lane: 'canonical',
    clientFormat: 'f',
    headers: {},
    principal: { id: 'me', ...(credential === undefined ? {} : { credential }) },
    notes: new Notes(),
    request: { model: 'm', stream: false, system: [], messages: [], tools: [] },
    estimatePromptTokens: () => 0,
  };
}

describe('credentialFor', () => {
  it('is the provider’s own key unless the caller’s is to be forwarded', () => {
    expect(credentialFor(call('caller'), { apiKey: 'own' })).toBe('own');
    expect(credentialFor(call('caller'), { apiKey: 'own', forwardCallerKey: false })).toBe('own');
    expect(credentialFor(call('caller'), { apiKey: 'own', forwardCallerKey: true })).toBe('caller');
    expect(credentialFor(call(), {})).toBeUndefined();
  });

  it('never falls back to the own key where the caller’s is missing', () => {
    const options = { apiKey: 'sk-own', forwardCallerKey: true };
    const refusal = { code: 'UNAUTHENTICATED', message: expect.not.stringContaining('sk-own') };
    expect(() => credentialFor(call(), options)).toThrow(expect.objectContaining(refusal));
  });
});

describe('countsTokens', () => {
  const provider = (counts?: HttpProvider['countsTokens']): HttpProvider => ({
    format: {} as Format,
    endpoint: () => ({ url: '', headers: {} }),
    ...(counts === undefined ? {} : { countsTokens: counts }),
  });

  it('is what the provider says of this call, and no where it says nothing', () => {
    expect([undefined, true, false].map((said) => countsTokens(provider(said), call()))).toEqual([false, true, false]);
    const byModel = provider(({ model }) => model === 'm');
    expect(countsTokens(byModel, call())).toBe(true);
    expect(countsTokens(byModel, { ...call(), model: 'other' })).toBe(false);
  });
});

describe('commonProvider', () => {
  it('shows the models of the options', () => {
    expect(commonProvider({ models: ['a', 'b'] }).models?.()).toEqual([{ id: 'a' }, { id: 'b' }]);
    expect(commonProvider({}).models?.()).toEqual([]);
  });

  it('passes limits on, and no key where there are none', () => {
    expect(commonProvider({ timeouts: { idleMs: 5 } }).timeouts).toEqual({ idleMs: 5 });
    expect(commonProvider({})).not.toHaveProperty('timeouts');
  });
});

describe('isLocalProvider', () => {
  it('tells a provider in this process by its answer', () => {
    expect(
      isLocalProvider({ answer: () => ({ kind: 'whole', message: { content: [], stopReason: 'end-turn' } }) }),
    ).toBe(true);
    expect(isLocalProvider({ endpoint: () => ({ url: '', headers: {} }) } as unknown as HttpProvider)).toBe(false);
  });
});

describe('providerForCall', () => {
  const usual = { id: 'usual' } as Format;
  const other = { id: 'other' } as Format;
  const endpoint = () => ({ url: 'https://p.example', headers: {} });

  it('gives the provider with the format of the call, and the very provider where that is its usual one', () => {
    const provider: HttpProvider = {
      format: usual,
      formatFor: ({ model }) => (model === 'new' ? other : usual),
      endpoint,
    };
    expect(providerForCall(provider, call())).toBe(provider);
    const speaking = providerForCall(provider, { ...call(), model: 'new' });
    expect(speaking.format).toBe(other);
    expect(speaking.endpoint(call()).url).toBe('https://p.example');
    expect(provider.format).toBe(usual);
  });

  it('leaves a provider of one format alone', () => {
    const provider: HttpProvider = { format: usual, endpoint };
    expect(providerForCall(provider, call())).toBe(provider);
  });
});
