import { describe, expect, it } from '@jest/globals';
import { decodeRequest, encode, request } from '../test/support.ts';
import { anthropicMessages } from './index.ts';

describe('encodeRequest', () => {
  it('F78 refuses a message thread where nobody keeps it, in words that make the SDK send the whole history', () => {
    const from = { ...request(), extensions: { 'anthropic-messages': { thread: { type: 'create' } } } };
    const refusal = { wire: { body: { error: { details: { error_code: 'thread_unsupported_request' } } } } };
    expect(() => encode(from, {}, anthropicMessages.with({ extraFields: [] }))).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED' }),
    );
    expect(anthropicMessages.refusesElsewhere?.(from)).toMatchObject(refusal);
    expect(anthropicMessages.refusesElsewhere?.(request())).toBeUndefined();
    expect(encode(from).body.thread).toEqual({ type: 'create' });
  });

  it('writes its keys in one order', () => {
    const { body } = encode(
      request({ system: [{ type: 'text', text: 's' }], tools: [{ type: 'function', name: 'f' }], temperature: 0.5 }),
    );
    expect(Object.keys(body)).toEqual(['model', 'max_tokens', 'system', 'messages', 'tools', 'temperature', 'stream']);
  });

  it('F61 gives a client without a limit a generous one', () => {
    const { maxOutputTokens: _, ...unlimited } = request();
    const { body, notes } = encode(unlimited);
    expect(body.max_tokens).toBe(32_000);
    expect(notes).toEqual(['maxOutputTokens approximated']);
  });

  it.each([
    [{ temperature: 1.7 }, 'some-model', { temperature: 1 }, ['temperature approximated']],
    [{ temperature: 0.3, topP: 0.9, topK: 5 }, 'some-model', { temperature: 0.3, top_p: 0.9, top_k: 5 }, []],
    [{ temperature: 0.3, topP: 0.9 }, 'claude-sonnet-4-5', { temperature: 0.3 }, ['topP dropped']],
    [
      { temperature: 0.3, topP: 0.9, topK: 5 },
      'claude-opus-4-8',
      {},
      ['temperature dropped', 'topP dropped', 'topK dropped'],
    ],
    [{ temperature: 1, topP: 0.99 }, 'claude-opus-4-1', { temperature: 1 }, ['topP dropped']],
    [{ topP: 0.99 }, 'claude-opus-4-8', { top_p: 0.99 }, []],
  ])('F67 sampling %j for %s', (sampling, model, expected, notes) => {
    const encoded = encode(request(sampling), { model });
    const { temperature, top_p, top_k } = encoded.body;
    expect({ temperature, top_p, top_k }).toEqual({
      temperature: undefined,
      top_p: undefined,
      top_k: undefined,
      ...expected,
    });
    expect(encoded.notes).toEqual(notes);
  });

  it('F67 drops sampling that thinking does not allow', () => {
    const reasoning = { mode: 'budget', budgetTokens: 2000 } as const;
    const { body, notes } = encode(request({ temperature: 0.2, topK: 3, topP: 0.5, reasoning, maxOutputTokens: 9000 }));
    expect(body).not.toHaveProperty('temperature');
    expect(notes).toEqual(['temperature dropped', 'topP dropped', 'topK dropped']);
  });

  it('F67 has the gateway watch for blank stop sequences, which Anthropic refuses', () => {
    const enforced: string[] = [];
    const watched = { enforceStopSequences: (list: readonly string[]) => void enforced.push(...list) };
    const { body, notes } = encode(request({ stopSequences: ['END', '\n', ''] }), watched);
    expect(body.stop_sequences).toEqual(['END']);
    expect(enforced).toEqual(['\n']);
    expect(notes).toEqual(['stopSequences mapped']);
  });

  it('F62 asks for JSON by schema, or in words', () => {
    const schema = { type: 'object', properties: {}, additionalProperties: false };
    const named = encode(request({ responseFormat: { type: 'json-schema', schema, name: 'n', description: 'd' } }));
    const described = { ...schema, description: 'd' };
    expect(named.body.output_config).toEqual({ format: { type: 'json_schema', schema: described } });
    expect(named.notes).toEqual([]);
    const loose = encode(request({ responseFormat: { type: 'json-object' } }));
    expect(loose.body.system).toMatchObject([{ type: 'text', text: expect.stringContaining('JSON') }]);
    expect(loose.notes).toEqual(['responseFormat approximated']);
  });

  it('sends the user id and notes what only other formats know', () => {
    const { body, notes } = encode(request({ userId: 'u', extensions: { 'openai-chat': { seed: 1 } } }));
    expect(body.metadata).toEqual({ user_id: 'u' });
    expect(notes).toEqual(['seed dropped']);
  });

  it('is the same for the same request', () => {
    const from = request({ tools: [{ type: 'function', name: 'ü' }] });
    expect(JSON.stringify(encode(from).body)).toBe(JSON.stringify(encode(from).body));
  });
});

describe('a dialect', () => {
  const cached = { type: 'ephemeral', ttl: '1h', scope: 'global' };
  const body = {
    model: 'm',
    max_tokens: 9,
    system: [
      { type: 'text', text: 'x-anthropic-billing-header: cc_version=1;' },
      { type: 'text', text: 's', cache_control: cached },
    ],
    messages: [{ role: 'user', content: 'x' }],
    tools: [{ name: 'f', input_schema: { type: 'object' }, defer_loading: true }],
    context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
    service_tier: 'auto',
  };
  const from = decodeRequest(body);

  it('sends everything to Anthropic itself', () => {
    expect(encode(from)).toEqual({ body: { ...body, model: 'some-model', messages: expect.anything() }, notes: [] });
  });

  it.each([
    [false, undefined, ['system[1].cacheControl mapped']],
    [[], { type: 'ephemeral' }, ['system[1].cacheControl.ttl mapped', 'system[1].cacheControl.scope mapped']],
    [['ttl'], { type: 'ephemeral', ttl: '1h' }, ['system[1].cacheControl.scope mapped']],
    ['all', cached, []],
  ] as const)('F42 F44 takes cache breakpoints as %j', (cacheControl, expected, notes) => {
    const encoded = encode(from, {}, anthropicMessages.with({ cacheControl }));
    expect((encoded.body.system as { cache_control?: object }[])[1]?.cache_control).toEqual(expected);
    expect(encoded.notes).toEqual(notes);
  });

  it('F45 sends only the extra fields that the server takes', () => {
    const encoded = encode(from, {}, anthropicMessages.with({ extraFields: ['service_tier'] }));
    expect(encoded.body).toMatchObject({ service_tier: 'auto' });
    expect(encoded.body).not.toHaveProperty('context_management');
    expect(encoded.notes).toEqual(['tools[0].defer_loading mapped', 'context_management dropped']);
  });

  it('F48 drops the attribution block', () => {
    const encoded = encode(from, {}, anthropicMessages.with({ attributionBlock: false }));
    expect(encoded.body.system).toMatchObject([{ text: 's' }]);
    expect(encoded.notes).toEqual(['system[0] mapped']);
  });

  it('merges neighbours for servers that do not, also from an Anthropic client', () => {
    const messages = [
      { role: 'user', content: 'a' },
      { role: 'user', content: 'b' },
    ];
    const two = decodeRequest({ ...body, messages });
    expect(encode(two).body.messages).toHaveLength(2);
    expect(encode(two, {}, anthropicMessages.with({ mergesRoles: false })).body.messages).toHaveLength(1);
  });

  it('overrides what the model’s name says', () => {
    const format = anthropicMessages.with({ adaptiveThinking: false, sampling: false });
    const { body: wire } = encode(
      request({ reasoning: { effort: 'low' }, temperature: 0.2, maxOutputTokens: 9000 }),
      {},
      format,
    );
    expect(wire).toMatchObject({ thinking: { type: 'enabled', budget_tokens: 4096 } });
    expect(wire).not.toHaveProperty('temperature');
  });
});
