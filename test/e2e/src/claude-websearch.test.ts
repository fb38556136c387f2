import { beforeAll, expect, it } from '@jest/globals';
import formatGemini from '@signalbox/format-gemini';
import formatResponses from '@signalbox/format-openai-responses';
import type { JsonObject } from '@signalbox/kit';
import providerGemini from '@signalbox/provider-gemini';
import providerOpenai from '@signalbox/provider-openai';
import providerOpenrouter from '@signalbox/provider-openrouter';
import {
  geminiTurn,
  openaiChatTurn,
  type RecordedRequest,
  responsesTurn,
  type ScriptedProvider,
  sse,
  type Turn,
} from '@signalbox/testkit';
import { claudeBinary } from './agent-install.ts';
import { claudeCase, outcome } from './claude-case.ts';
import type { PluginEntry } from './gateway.ts';
import { CHAT_SIDE, DEEPSEEK_SIDE, PROVIDER_KEY } from './lanes.ts';

beforeAll(async () => {
  await claudeBinary();
}, 300_000);

const QUERY = 'when was node 20 released';
const PAGE = { url: 'https://a.example/node-20', title: 'Node 20 is out' };
const FOUND = 'Node 20 came out in April 2023.';
const SPAN = { start_index: 0, end_index: FOUND.length };

/** A provider that searches the web: how it is asked to, and how it cites what it found. */
interface Searching {
  readonly name: string;
  readonly target: string;
  plugins(provider: ScriptedProvider): readonly PluginEntry[];
  /** What of a request asks for a search. */
  asked(body: JsonObject): unknown;
  readonly asking: unknown;
  frames(turn: Turn): readonly string[];
  /** The frames of an answer that cites the page. */
  readonly cited: readonly string[];
}

const data = (frame: JsonObject) => `data: ${JSON.stringify(frame)}\n\n`;

function citedChat(): readonly string[] {
  const { frames } = openaiChatTurn({ text: FOUND });
  const annotations = [{ type: 'url_citation', url_citation: { ...PAGE, ...SPAN } }];
  const chunk = { id: 'chatcmpl-scripted', object: 'chat.completion.chunk', created: 0, model: 'scripted-model' };
  const cites = data({ ...chunk, choices: [{ index: 0, delta: { annotations }, finish_reason: null }] });
  const at = frames.findIndex((frame) => frame.includes('"finish_reason":"stop"'));
  return [...frames.slice(0, at), cites, ...frames.slice(at)];
}

function citedGemini(): readonly string[] {
  const { frames } = geminiTurn({ text: FOUND });
  const grounding = {
    webSearchQueries: [QUERY],
    groundingChunks: [{ web: { uri: PAGE.url, title: PAGE.title } }],
    groundingSupports: [
      { segment: { startIndex: 0, endIndex: FOUND.length, text: FOUND }, groundingChunkIndices: [0] },
    ],
  };
  return frames.map((frame) =>
    frame.replace('"finishReason":"STOP"', `"finishReason":"STOP","groundingMetadata":${JSON.stringify(grounding)}`),
  );
}

/** The events of a plain answer, with the search in front of its message and the citation on its text. */
function citedResponses(): readonly string[] {
  const annotation = { type: 'url_citation', ...SPAN, ...PAGE };
  const call = {
    id: 'ws_1',
    type: 'web_search_call',
    status: 'completed',
    action: { type: 'search', query: QUERY },
  };
  const frames = responsesTurn({ text: FOUND }).frames.map((frame) =>
    frame
      .replaceAll('"annotations":[]', `"annotations":[${JSON.stringify(annotation)}]`)
      .replace('"output_index":0', '"output_index":1')
      .replace('"output":[{', `"output":[${JSON.stringify(call)},{`),
  );
  const at = frames.findIndex((frame) => frame.includes('response.output_item.added'));
  const event = (type: string, item: JsonObject) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: 0, output_index: 0, item })}\n\n`;
  const searched = [
    event('response.output_item.added', { ...call, status: 'in_progress' }),
    event('response.output_item.done', call),
  ];
  return [...frames.slice(0, at), ...searched, ...frames.slice(at)];
}

const key = { apiKey: PROVIDER_KEY };

const SEARCHING: readonly Searching[] = [
  {
    name: 'OpenRouter',
    target: 'openrouter/x/y',
    plugins: ({ url }) => [[providerOpenrouter, { ...key, baseUrl: `${url}/v1` }]],
    asked: ({ tools }) => tools,
    asking: [expect.objectContaining({ type: 'openrouter:web_search' })],
    frames: (turn) => openaiChatTurn(turn).frames,
    cited: citedChat(),
  },
  {
    name: 'OpenAI’s Responses',
    target: 'openai/gpt-6',
    plugins: ({ url }) => [[formatResponses], [providerOpenai, { ...key, baseUrl: `${url}/v1` }]],
    asked: ({ tools }) => tools,
    asking: [expect.objectContaining({ type: 'web_search' })],
    frames: (turn) => responsesTurn(turn).frames,
    cited: citedResponses(),
  },
  {
    name: 'Gemini',
    target: 'gemini/gemini-3-flash',
    plugins: ({ url }) => [[formatGemini], [providerGemini, { ...key, baseUrl: url }]],
    asked: ({ tools }) => tools,
    asking: [{ googleSearch: {} }],
    frames: (turn) => geminiTurn(turn).frames,
    cited: citedGemini(),
  },
];

const search: Turn = { toolCalls: [{ id: 'call_1', name: 'WebSearch', arguments: { query: QUERY } }] };
const isAboutTheSearch = ({ rawBody }: RecordedRequest) => rawBody.includes('Perform a web search for the query');
const hasResult = ({ rawBody }: RecordedRequest) => rawBody.includes('Web search results for query');

it.each(SEARCHING)('F91 Claude Code searches the web with $name, and its model reads what was found', async (side) => {
  const { target, plugins, asked, asking, frames, cited } = side;
  await claudeCase(
    {
      gateway: (provider) => ({ plugins: plugins(provider), target }),
      script: (request, wire) => {
        const last = hasResult(request) ? frames({ text: 'In April 2023.' }) : frames(search);
        return sse(isAboutTheSearch(request) ? cited : last)(request, wire);
      },
      prompt: 'When was Node 20 released?',
    },
    ({ run, provider }) => {
      expect(outcome(run)).toEqual({ exitCode: 0, isError: false, result: 'In April 2023.' });
      const aside = provider.requests.filter(isAboutTheSearch);
      expect(aside.map(({ body }) => asked(body ?? {}))).toEqual([asking]);
      const [back] = provider.requests.filter(hasResult);
      const read = String(back?.rawBody);
      for (const words of [PAGE.url, PAGE.title, FOUND]) expect(read).toContain(words);
    },
  );
});

it.each([CHAT_SIDE, DEEPSEEK_SIDE])(
  'Claude Code hears from $name, which cannot search, what the model says',
  async (side) => {
    const frames = (turn: Turn) => sse(openaiChatTurn(turn).frames);
    await claudeCase(
      {
        gateway: side.gateway,
        script: (request, wire) => {
          const last = hasResult(request) ? frames({ text: 'I could not search.' }) : frames(search);
          return (isAboutTheSearch(request) ? frames({ text: 'I cannot search.' }) : last)(request, wire);
        },
        prompt: 'When was Node 20 released?',
      },
      ({ run, provider, gateway }) => {
        expect(outcome(run)).toEqual({ exitCode: 0, isError: false, result: 'I could not search.' });
        const at = provider.requests.findIndex(isAboutTheSearch);
        expect(provider.requests[at]?.body).not.toHaveProperty('tools');
        expect(gateway.records[at]?.notes).toContainEqual(
          expect.objectContaining({ path: 'tools[0]', action: 'dropped' }),
        );
      },
    );
  },
);
