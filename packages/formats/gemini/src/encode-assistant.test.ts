import { describe, expect, it } from '@jest/globals';
import type { ChatRequest, JsonObject } from '@signalbox/kit';
import { userRequest } from '@signalbox/testkit';
import { encode } from '../test/support.ts';
import { gemini } from './index.ts';

const call = (id: string, name = 'f') => ({ type: 'tool-call' as const, id, name, input: {} });
const result = (callId: string, text: string, more: object = {}) => ({
  type: 'tool-result' as const,
  callId,
  content: [{ type: 'text' as const, text }],
  ...more,
});
const said = (text: string) => ({ type: 'text' as const, text });
const looped = (content: ChatRequest['messages'][number]['content'], results = [result('a', '1')]) =>
  userRequest('m', {
    messages: [
      { role: 'user', content: [said('x')] },
      { role: 'assistant', content },
      { role: 'user', content: results },
    ],
  });

describe('thought signatures', () => {
  const state = (data: JsonObject) => ({ type: 'reasoning' as const, text: '', state: { origin: 'gemini', data } });
  const model = (content: ChatRequest['messages'][number]['content'], options = {}) =>
    (
      encode(looped(content), { model: 'gemini-3-pro-preview', ...options }).body.contents as { parts: JsonObject[] }[]
    )[1]?.parts;

  it('F69 F75 go back to the call they came on, even where a client put all reasoning first', () => {
    const content = [
      state({ thoughtSignature: 'Mg==', part: 'call', callId: 'b' }),
      state({ thoughtSignature: 'MQ==', part: 'call', callId: 'a' }),
      call('a'),
      call('b'),
    ];
    expect(model(content)).toEqual([
      { functionCall: { id: 'a', name: 'f', args: {} }, thoughtSignature: 'MQ==' },
      { functionCall: { id: 'b', name: 'f', args: {} }, thoughtSignature: 'Mg==' },
    ]);
  });

  it('F69 go to the next call where its client gave it another id', () => {
    expect(
      model([state({ thoughtSignature: 'MQ==', part: 'call', callId: 'old' }), call('new'), call('b')]),
    ).toMatchObject([{ thoughtSignature: 'MQ==' }, { functionCall: { id: 'b' } }]);
  });

  it('stay on their text, and are left out where that is gone', () => {
    const signature = state({ thoughtSignature: 'MQ==', part: 'text' });
    expect(model([said('Hello'), signature])).toEqual([{ text: 'Hello', thoughtSignature: 'MQ==' }]);
    expect(model([signature, said('Hello')])).toEqual([{ text: 'Hello' }]);
    expect(model([said('Hello'), state({ thoughtSignature: 'MQ==', part: 'empty' })])).toEqual([
      { text: 'Hello' },
      { text: '', thoughtSignature: 'MQ==' },
    ]);
  });

  it('F73 of other origins never go out, and none is made up', () => {
    const foreign = { type: 'reasoning' as const, text: 'thought', state: { origin: 'anthropic', data: 'c2lnbmVk' } };
    const sent = JSON.stringify(model([foreign, said('x'), call('a')]));
    expect(sent).not.toContain('c2lnbmVk');
    expect(sent).not.toContain('thought"');
    expect(sent).toContain('skip_thought_signature_validator');
  });

  it('F69 are marked as missing only in the tool turn in progress, once a step, and only for models that check', () => {
    const messages: ChatRequest['messages'] = [
      { role: 'user', content: [said('x')] },
      { role: 'assistant', content: [call('old')] },
      { role: 'user', content: [result('old', '0')] },
      { role: 'assistant', content: [said('Done.')] },
      { role: 'user', content: [said('Again.')] },
      { role: 'assistant', content: [call('a'), call('b')] },
      { role: 'user', content: [result('a', '1'), result('b', '2')] },
      { role: 'assistant', content: [call('c')] },
      { role: 'user', content: [result('c', '3')] },
    ];
    const marked = (name: string) =>
      (encode(userRequest('m', { messages }), { model: name }).body.contents as { parts: JsonObject[] }[])
        .flatMap(({ parts }) => parts)
        .filter(({ thoughtSignature }) => thoughtSignature !== undefined)
        .map(({ functionCall }) => (functionCall as JsonObject).id);
    expect(marked('gemini-3.1-pro-preview')).toEqual(['a', 'c']);
    expect(marked('gemini-flash-latest')).toEqual(['a', 'c']);
    expect(marked('gemini-2.5-pro')).toEqual([]);
  });

  it('F69 come from the store for clients that lose them', () => {
    const kept = new Map([['a', 'S0VQVA==']]);
    const { body } = encode(looped([call('a')]), {}, gemini.with({ signatures: kept }));
    expect(JSON.stringify(body)).toContain('"thoughtSignature":"S0VQVA=="');
  });
});
