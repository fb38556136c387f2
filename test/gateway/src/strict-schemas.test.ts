import { afterEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import providerCompatible from '@signalbox/provider-compatible';
import { reply } from '@signalbox/testkit';
import { startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

/** A Chat provider that has strict schemas, and leaves stop sequences to the gateway. */
async function start(): Promise<void> {
  gateway = await startTestGateway({
    targets: ['strict/m'],
    plugins: (url) => [
      [
        providerCompatible,
        {
          name: 'strict',
          apiKey: 'k',
          baseUrl: `${url}/v1`,
          format: 'openai-chat',
          dialect: { strictTools: true, maxStopSequences: 0 },
        },
      ],
    ],
  });
}

const SCHEMA: JsonObject = {
  type: 'object',
  properties: { note: { type: 'string' }, text: { type: 'string' } },
  required: ['text'],
  additionalProperties: false,
};
const ASK: JsonObject = { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'Go.' }] };
const TOOLS = { tools: [{ name: 'keep', input_schema: SCHEMA, strict: true }] };
const FORMAT = { output_config: { format: { type: 'json_schema', schema: SCHEMA } } };

/** The fragments of a stream that a client puts together. */
function deltasIn(stream: string, field: string): string[] {
  return [...stream.matchAll(/^data: (.*)$/gm)].flatMap(([, data = '']) => {
    const { delta } = JSON.parse(data) as { delta?: JsonObject };
    return typeof delta?.[field] === 'string' ? [delta[field]] : [];
  });
}

describe('a provider that requires every property', () => {
  it('F66 is asked strictly, and the nulls of its call do not reach the client, while the rest streams', async () => {
    await start();
    const json = '{"note":null,"text":"one two"}';
    gateway.provider.once('/v1/chat/completions', reply({ toolCalls: [{ id: 'c', name: 'keep', arguments: json }] }));
    const answer = await gateway.post(
      '/v1/messages',
      { ...ASK, ...TOOLS, stream: true },
      // What is taken out again is no loss.
      { 'x-signalbox-strict': '1' },
    );
    const deltas = deltasIn(await answer.text(), 'partial_json');
    expect(deltas.join('')).toBe('{"text":"one two"}');
    expect(deltas.filter((delta) => delta !== '')).toEqual(['{', '"text":"one', ' two"}']);
    const [sent] = (gateway.provider.requests[0]?.body?.tools ?? []) as { function: JsonObject }[];
    expect(sent?.function).toMatchObject({
      strict: true,
      parameters: { properties: { note: { type: ['string', 'null'] } }, required: ['note', 'text'] },
    });
  });

  it('F67 has its answer cut at a stop sequence behind what was left out', async () => {
    for (const stream of [false, true]) {
      await start();
      gateway.provider.once('/v1/chat/completions', reply({ text: ['{"note":nul', 'l,"text":"one ST', 'OP two"}'] }));
      const answer = await gateway.post('/v1/messages', { ...ASK, ...FORMAT, stream, stop_sequences: ['STOP'] });
      const said = await answer.text();
      const text = stream
        ? deltasIn(said, 'text').join('')
        : (JSON.parse(said) as { content: JsonObject[] }).content[0]?.text;
      expect(text).toBe('{"text":"one ');
      expect(said).toContain('"stop_reason":"stop_sequence"');
      if (!stream) await gateway.close();
    }
  });
});
