import { describe, expect, it } from '@jest/globals';
import { type Block, type ChatReply, type ClientContext, type JsonObject, messageToEvents } from '@signalbox/kit';
import { testClient } from '../test/context.ts';
import { openaiChat } from './format.ts';

const web = (url: string): JsonObject => ({
  type: 'citations_delta',
  citation: { type: 'web_search_result_location', url, title: 'A page', cited_text: 'words', encrypted_index: 'x' },
  $citations: [{ url, title: 'A page', quote: 'words' }],
});
const page: JsonObject = { type: 'citations_delta', citation: { type: 'page_location', document_index: 0 } };
const cited = (text: string, ...deltas: JsonObject[]): Block => ({
  type: 'text',
  text,
  extensions: { 'anthropic-messages': { deltas } },
});
const reply: ChatReply = {
  content: [{ type: 'text', text: 'It says: ' }, cited('sunny', web('https://a.example'), page), cited('!', page)],
  stopReason: 'end-turn',
};
const annotations = [
  {
    type: 'url_citation',
    url_citation: { start_index: 9, end_index: 14, url: 'https://a.example', title: 'A page' },
  },
];
const untold = [
  ['content[1]', 'dropped', 'only anthropic-messages has page_location'],
  ['content[2]', 'dropped', 'only anthropic-messages has page_location'],
];

const notesOf = ({ notes }: ClientContext) => notes.list.map(({ path, action, reason }) => [path, action, reason]);

describe('citations of web results', () => {
  it('annotate a whole reply at their place in the joined text; other kinds are noted', () => {
    const client = testClient();
    const body = openaiChat.encodeReply(reply, client);
    expect(body.choices).toMatchObject([{ message: { content: 'It says: sunny!', annotations } }]);
    expect(notesOf(client)).toEqual(untold);
  });

  it('annotate a stream alike, once the cited text is whole', () => {
    const client = testClient();
    const text = openaiChat.createStreamEncoder(client).encode(messageToEvents(reply));
    const deltas = [...text.matchAll(/^data: (\{.*)$/gm)].map(([, json = '']) => {
      const { choices } = JSON.parse(json) as { choices: { delta: JsonObject }[] };
      return choices[0]?.delta ?? {};
    });
    expect(deltas.filter((delta) => delta.annotations !== undefined)).toEqual([{ annotations }]);
    expect(deltas.findIndex((delta) => delta.annotations !== undefined)).toBeGreaterThan(
      deltas.findIndex((delta) => delta.content === 'sunny'),
    );
    expect(notesOf(client)).toEqual(untold);
  });

  it('leave annotations of this format as they are', () => {
    const own = { annotations: [{ type: 'url_citation', url_citation: { url: 'https://b.example' } }] };
    const content: Block[] = [{ type: 'text', text: 'x', extensions: { 'openai-chat': { deltas: [own] } } }];
    const body = openaiChat.encodeReply({ content, stopReason: 'end-turn' }, testClient());
    expect(body.choices).toMatchObject([{ message: own }]);
  });
});
