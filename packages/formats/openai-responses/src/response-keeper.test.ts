import { describe, expect, it } from '@jest/globals';
import {
  type ChatReply,
  type ClientContext,
  errors,
  type JsonObject,
  messageToEvents,
  Notes,
  type StateKey,
} from '@signalbox/kit';
import { framesOf, testClient } from '../test/context.ts';
import { openaiResponses } from './format.ts';
import { keepResponse } from './response-keeper.ts';

const REPLY: ChatReply = {
  content: [
    { type: 'reasoning', text: 'Hm.', state: { origin: 'anthropic', data: 'c2ln' } },
    { type: 'text', text: 'Let me ' },
    { type: 'text', text: 'look.' },
    { type: 'tool-call', id: 'c1', name: 'look', input: { at: 1 } },
  ],
  stopReason: 'tool-call',
  usage: { promptTokens: 3, completionTokens: 4 },
};

interface Scene {
  readonly client: ClientContext & Required<Pick<ClientContext, 'state'>>;
  /** What the keeper was told, put together. */
  readonly kept: JsonObject[];
  readonly notes: Notes;
}

function scene(body: JsonObject = {}, previous?: string): Scene {
  const states = new Map<StateKey<unknown>, unknown>();
  const state = <T>(key: StateKey<T>): T => {
    if (!states.has(key)) states.set(key, key.create());
    return states.get(key) as T;
  };
  const kept: JsonObject[] = [];
  keepResponse(
    { state },
    {
      previous,
      keep: (response, output) => {
        expect(response).not.toHaveProperty('output');
        kept.push({ ...response, output: output.map((item) => JSON.parse(item) as JsonObject) });
      },
    },
  );
  const notes = new Notes();
  const asked = { model: 'asked-model', input: 'Hello', ...body };
  const request = openaiResponses.decodeRequest(asked, { headers: {}, notes, state });
  return { client: { ...testClient(request), id: 'sbx_1', state }, kept, notes };
}

function streamed({ client }: Scene): JsonObject[] {
  return framesOf(openaiResponses.createStreamEncoder(client).encode(messageToEvents(REPLY)));
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as JsonObject;

describe('whoever keeps responses', () => {
  it('gets one just as the client does, whole or streamed', () => {
    const asked = { instructions: 'Be brief.', tools: [{ type: 'function', name: 'look' }] };
    const whole = scene(asked);
    const answer = openaiResponses.encodeReply(REPLY, whole.client);
    expect(whole.kept).toEqual([plain(answer)]);
    const stream = scene(asked);
    const frames = streamed(stream);
    expect(stream.kept).toEqual([frames.at(-1)?.response]);
    expect(stream.kept[0]).toMatchObject({ id: 'resp_sbx_1', instructions: 'Be brief.', store: true });
    expect(stream.kept[0]?.output).toHaveLength(3);
    for (const { response } of frames.slice(0, 2)) expect(response).toMatchObject({ store: true });
  });

  it('gets no failed one, and none that the client does not want kept or that has a part elsewhere', () => {
    const failed = scene();
    const encoder = openaiResponses.createStreamEncoder(failed.client);
    encoder.encode(messageToEvents(REPLY).slice(0, 4));
    expect(encoder.fail(errors.cutStream('Cut.'))).toContain('response.failed');
    expect(failed.kept).toEqual([]);
    for (const body of [{ store: false }, { conversation: 'conv_1' }, { prompt: { id: 'pmpt_1' } }]) {
      const other = scene(body);
      expect(openaiResponses.encodeReply(REPLY, other.client)).toMatchObject({ store: false });
      streamed(other);
      expect(other.kept).toEqual([]);
    }
  });

  it('says what the client goes on from, which stands in the body no more', () => {
    const { client } = scene({}, 'resp_sbx_0');
    expect(openaiResponses.encodeReply(REPLY, client)).toMatchObject({ previous_response_id: 'resp_sbx_0' });
  });

  it('makes `store` no loss', () => {
    const noted = ({ client: { request } }: Scene): unknown => {
      const notes = new Notes();
      notes.foreignExtensions(request.extensions, 'openai-chat', '');
      return notes.list.map(({ path }) => path);
    };
    expect(noted(scene({ store: true }))).toEqual([]);
    expect(noted(scene({ store: true, truncation: 'auto' }))).toEqual(['truncation']);
    const request = openaiResponses.decodeRequest(
      { model: 'm', input: 'Hi', store: true },
      { headers: {}, notes: new Notes() },
    );
    expect(noted({ ...scene(), client: { ...scene().client, request } })).toEqual(['store']);
  });
});
