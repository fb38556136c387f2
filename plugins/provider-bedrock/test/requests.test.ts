import { describe, expect, it } from '@jest/globals';
import type { Block, ChatRequest, JsonObject } from '@signalbox/kit';
import { agentRequest, createProvider, send, userRequest } from '@signalbox/testkit';
import bedrock from '../src/index.ts';
import { sentBySdk } from './sdk.ts';

const CLAUDE = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0';
const ADAPTIVE = 'global.anthropic.claude-opus-4-6-v1';
const PNG = 'iVBORw0KGgo=';
const OWN = { type: 'reasoning', text: 'Hm.', state: { origin: 'bedrock', data: 'U0lH' } } as const;
const tool = {
  type: 'function',
  name: 'Read',
  description: 'Reads.',
  inputSchema: { type: 'object', properties: { path: { type: 'string' } } },
} as const;
const text = (value: string) => ({ type: 'text', text: value }) as const;
const user = (...content: Block[]) => ({ role: 'user', content }) as const;
const assistant = (...content: Block[]) => ({ role: 'assistant', content }) as const;
const call = (id: string) => ({ type: 'tool-call', id, name: 'Read', input: { path: id } }) as const;
const result = (callId: string, ...content: Block[]) => ({ type: 'tool-result', callId, content }) as const;

/** The body of one call; it must be what AWS's own client sends for the same. */
async function bodyOf(model: string, request: Partial<ChatRequest>, options: JsonObject = {}) {
  const provider = await createProvider(bedrock, { region: 'eu-central-1', apiKey: 'key-for-tests', ...options });
  const sent = send(provider, userRequest(model, request));
  const sdk = await sentBySdk(model, sent.body);
  expect(sdk.body).toEqual(JSON.parse(JSON.stringify(sent.body)));
  expect(new URL(sent.url).pathname).toBe(sdk.path);
  return { ...sent, body: sent.body as Record<string, JsonObject & JsonObject[]> };
}
const paths = (notes: readonly { path: string; action: string }[]) =>
  notes.map(({ path, action }) => `${path} ${action}`);

it('F42 F47 F48 sends an agent’s request, as AWS’s own client would', async () => {
  const { body, notes } = await bodyOf(CLAUDE, { ...agentRequest(CLAUDE), stream: false });
  expect(body).toEqual({
    system: [{ text: 'You are an agent.' }, { cachePoint: { type: 'default' } }],
    messages: [
      {
        role: 'user',
        content: [{ text: 'Read both files.' }, { text: '<system-reminder>\nBe brief.\n</system-reminder>' }],
      },
      {
        role: 'assistant',
        content: [
          { text: 'Reading.' },
          { toolUse: { toolUseId: 'toolu_1', name: 'Read', input: { path: 'a' } } },
          { toolUse: { toolUseId: 'toolu_2', name: 'Read', input: { path: 'b' } } },
        ],
      },
      {
        role: 'user',
        content: [
          { toolResult: { toolUseId: 'toolu_1', content: [{ text: 'A' }] } },
          { toolResult: { toolUseId: 'toolu_2', content: [{ text: 'no such file' }], status: 'error' } },
          { text: 'Go on.' },
          { cachePoint: { type: 'default' } },
        ],
      },
    ],
    inferenceConfig: { maxTokens: 32_000 },
    toolConfig: {
      tools: [
        {
          toolSpec: {
            name: 'Read',
            description: 'Reads a file.',
            inputSchema: {
              json: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
            },
          },
        },
      ],
    },
  });
  expect(paths(notes)).toEqual([
    'context_management dropped',
    'userId mapped',
    'reasoning dropped',
    'system[0] mapped',
    'messages[1].content[0] approximated',
    'messages[2].content[0] dropped',
  ]);
});

describe('reasoning', () => {
  const turn = [user(text('Go')), assistant(OWN, call('a')), user(result('a', text('A')))];

  it('F73 F75 goes back with its signature where it came from, in order', async () => {
    const redacted = {
      type: 'reasoning',
      text: '',
      redacted: true,
      state: { origin: 'bedrock', data: 'b3BhcXVl' },
    } as const;
    const foreign = { type: 'reasoning', text: 'x', state: { origin: 'anthropic', data: 'c2ln' } } as const;
    const messages = [user(text('Go')), assistant(redacted, OWN, foreign, text('Done.')), user(text('On'))];
    const { body, notes } = await bodyOf(CLAUDE, { messages });
    expect(body.messages?.[1]?.content).toEqual([
      { reasoningContent: { redactedContent: 'b3BhcXVl' } },
      { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'U0lH' } } },
      { text: 'Done.' },
    ]);
    expect(paths(notes)).toEqual(['messages[1].content[2] dropped']);
  });

  it.each<[string, ChatRequest['reasoning'], JsonObject | undefined, JsonObject | undefined]>([
    [
      CLAUDE,
      { mode: 'budget', budgetTokens: 4_000 },
      { thinking: { type: 'enabled', budget_tokens: 4_000 } },
      undefined,
    ],
    [
      CLAUDE,
      { mode: 'adaptive', effort: 'medium' },
      { thinking: { type: 'enabled', budget_tokens: 8_192 } },
      undefined,
    ],
    [
      CLAUDE,
      { mode: 'budget', budgetTokens: 90_000 },
      { thinking: { type: 'enabled', budget_tokens: 18_976 } },
      undefined,
    ],
    [CLAUDE, { mode: 'disabled' }, undefined, undefined],
    [ADAPTIVE, { mode: 'adaptive', effort: 'max' }, { thinking: { type: 'adaptive' } }, { effort: 'max' }],
    [ADAPTIVE, { mode: 'budget', budgetTokens: 9_000 }, { thinking: { type: 'adaptive' } }, undefined],
    [ADAPTIVE, { effort: 'low' }, undefined, { effort: 'low' }],
    [
      ADAPTIVE,
      { mode: 'adaptive', display: 'summarized' },
      { thinking: { type: 'adaptive', display: 'summarized' } },
      undefined,
    ],
    ['meta.llama4-maverick-17b-instruct-v1:0', { effort: 'low' }, undefined, undefined],
  ])('F60 of %s is asked for with %j', async (model, reasoning, fields, output) => {
    const request = {
      maxOutputTokens: 20_000,
      temperature: 0.5,
      toolChoice: { type: 'required' },
      tools: [tool],
    } as const;
    const { body } = await bodyOf(model, { ...request, ...(reasoning === undefined ? {} : { reasoning }) });
    expect(body.additionalModelRequestFields).toEqual(fields);
    expect(body.outputConfig).toEqual(output);
    // While it thinks, it takes neither sampling nor a forced call.
    const thinks = fields !== undefined;
    expect(body.inferenceConfig).toEqual({ maxTokens: 20_000, ...(thinks ? {} : { temperature: 0.5 }) });
    const forced = !thinks && !model.includes('llama');
    expect(body.toolConfig?.toolChoice).toEqual(forced ? { any: {} } : undefined);
  });

  it('is not asked for in the middle of a tool turn that began without it', async () => {
    const reasoning = { mode: 'budget', budgetTokens: 2_000 } as const;
    const [first, , last] = turn;
    const foreign = [first, assistant(text('Well'), call('a')), last] as ChatRequest['messages'];
    expect((await bodyOf(CLAUDE, { messages: turn, reasoning, tools: [tool] })).body).toHaveProperty(
      'additionalModelRequestFields',
    );
    const { body, notes } = await bodyOf(CLAUDE, { messages: foreign, reasoning, tools: [tool] });
    expect(body).not.toHaveProperty('additionalModelRequestFields');
    expect(paths(notes)).toContain('reasoning dropped');
  });
});

describe('tools', () => {
  const history = [user(text('Go')), assistant(call('a')), user(result('a', text('A')))];

  it.each<[ChatRequest['toolChoice'], string, unknown]>([
    [{ type: 'auto' }, CLAUDE, undefined],
    [{ type: 'required' }, CLAUDE, { any: {} }],
    [{ type: 'tool', name: 'Read' }, CLAUDE, { tool: { name: 'Read' } }],
    [{ type: 'tool', name: 'Read' }, 'mistral.mistral-large-2402-v1:0', { any: {} }],
    [{ type: 'tool', name: 'Other' }, CLAUDE, undefined],
    [{ type: 'required' }, 'meta.llama3-3-70b-instruct-v1:0', undefined],
  ])('F65 %j for %s', async (toolChoice, model, expected) => {
    const { body } = await bodyOf(model, { tools: [tool], ...(toolChoice === undefined ? {} : { toolChoice }) });
    expect(body.toolConfig?.toolChoice).toEqual(expected);
    expect(body.toolConfig?.tools).toHaveLength(1);
  });

  it('are left out where none may be called, unless the history has calls', async () => {
    const toolChoice = { type: 'none' } as const;
    expect((await bodyOf(CLAUDE, { tools: [tool], toolChoice })).body).not.toHaveProperty('toolConfig');
    const { body, notes } = await bodyOf(CLAUDE, { tools: [tool], toolChoice, messages: history });
    expect(body.toolConfig?.tools).toHaveLength(1);
    expect(paths(notes)).toEqual(['toolChoice approximated']);
  });

  it('of the history are named where the request has none', async () => {
    const { body, notes } = await bodyOf(CLAUDE, { messages: history });
    expect(body.toolConfig).toEqual({
      tools: [{ toolSpec: { name: 'Read', inputSchema: { json: { type: 'object' } } } }],
    });
    expect(paths(notes)).toEqual(['tools approximated']);
  });

  it('are cached up to where the client says', async () => {
    const { body } = await bodyOf(CLAUDE, { tools: [{ ...tool, cacheControl: { ttl: '1h' } }] });
    expect(body.toolConfig?.tools).toEqual([expect.anything(), { cachePoint: { type: 'default', ttl: '1h' } }]);
    const llama = await bodyOf('meta.llama3-3-70b-instruct-v1:0', { tools: [{ ...tool, cacheControl: {} }] });
    expect(llama.body.toolConfig?.tools).toHaveLength(1);
    expect(paths(llama.notes)).toEqual(['cacheControl mapped']);
  });

  it('F54 F56 have a result for every call, and ids that the model takes', async () => {
    const messages = [
      user(text('Go')),
      assistant(call('functions.Read:0'), call('b')),
      user(text('Hm.'), result('functions.Read:0', text('')), result('orphan', text('O'))),
    ];
    const { body, notes } = await bodyOf('mistral.mistral-large-2402-v1:0', { messages, tools: [tool] });
    const [, turn, answer] = body.messages as unknown as { content: JsonObject[] }[];
    const ids = turn?.content.map(({ toolUse }) => (toolUse as JsonObject).toolUseId);
    expect(ids).toEqual([expect.stringMatching(/^[a-z0-9]{9}$/), expect.stringMatching(/^[a-z0-9]{9}$/)]);
    expect(answer?.content).toEqual([
      { toolResult: { toolUseId: ids?.[0], content: [{ text: '(no output)' }] } },
      { toolResult: { toolUseId: ids?.[1], content: [{ text: 'Error:' }, { text: 'Error: no result' }] } },
      { text: 'Hm.' },
      { text: '[Result of tool call orphan]' },
      { text: 'O' },
    ]);
    expect(paths(notes)).toContain('messages approximated');
  });
});

describe('media', () => {
  const image = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: PNG } } as const;
  const pdf = (title: string) =>
    ({ type: 'document', title, source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBE' } }) as const;

  it('F49 images go as bytes, in tool results, too', async () => {
    const messages = [user(image, text('Look')), assistant(call('a')), user(result('a', image))];
    const { body } = await bodyOf(CLAUDE, { messages, tools: [tool] });
    const wire = { image: { format: 'png', source: { bytes: PNG } } };
    expect(body.messages?.[0]?.content).toEqual([wire, { text: 'Look' }]);
    expect(body.messages?.[2]?.content).toEqual([{ toolResult: { toolUseId: 'a', content: [wire] } }]);
  });

  it('F51 documents have a legal name each, and a text beside them', async () => {
    const { body } = await bodyOf(CLAUDE, {
      messages: [user(pdf('Annual_report: 2026.pdf'), pdf('Annual report  2026.pdf'))],
    });
    expect(body.messages?.[0]?.content).toEqual([
      { document: { format: 'pdf', name: 'Annual report 2026', source: { bytes: 'JVBE' } } },
      { document: { format: 'pdf', name: 'Annual report 2026 2', source: { bytes: 'JVBE' } } },
      { text: '(See the document.)' },
    ]);
  });

  it('what Bedrock cannot fetch or read is said in words', async () => {
    const url = { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } } as const;
    const tiff = { type: 'image', source: { type: 'base64', mediaType: 'image/tiff', data: 'SUkq' } } as const;
    const { body, notes } = await bodyOf(CLAUDE, { messages: [user(url, tiff)] });
    expect(body.messages?.[0]?.content).toEqual([
      { text: '[Image at https://a.example/b.png]' },
      { text: '[An image was here, of a type that is not supported.]' },
    ]);
    expect(paths(notes)).toEqual(['messages[0].content[0] approximated', 'messages[0].content[1] dropped']);
    const file = { type: 'image', source: { type: 'file', fileId: 'f', format: 'openai-chat' } } as const;
    await expect(bodyOf(CLAUDE, { messages: [user(file)] })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('the rest', () => {
  it('F67 of the sampling fields goes where each model has it', async () => {
    const request = { temperature: 1.4, topP: 0.9, topK: 5, stopSequences: ['END', '\n'], maxOutputTokens: 9 };
    const claude = await bodyOf(CLAUDE, request);
    expect(claude.body).toMatchObject({
      inferenceConfig: { maxTokens: 9, temperature: 1, stopSequences: ['END'] },
      additionalModelRequestFields: { top_k: 5 },
      additionalModelResponseFieldPaths: ['/stop_sequence'],
    });
    expect(claude.enforced).toEqual(['\n']);
    expect(paths(claude.notes)).toEqual(['temperature approximated', 'topP dropped', 'stopSequences mapped']);
    const nova = await bodyOf('eu.amazon.nova-pro-v1:0', request);
    expect(nova.body).toMatchObject({
      inferenceConfig: { temperature: 1, topP: 0.9 },
      additionalModelRequestFields: { inferenceConfig: { topK: 5 } },
    });
  });

  it('F62 JSON is a schema where the model has that, else words', async () => {
    const responseFormat = { type: 'json-schema', name: 'answer', schema: { type: 'object' } } as const;
    expect((await bodyOf(CLAUDE, { responseFormat })).body.outputConfig).toEqual({
      textFormat: {
        type: 'json_schema',
        structure: { jsonSchema: { name: 'answer', schema: '{"type":"object"}' } },
      },
    });
    const { body, notes } = await bodyOf('eu.amazon.nova-pro-v1:0', { responseFormat });
    expect(JSON.stringify(body.system)).toContain('JSON Schema');
    expect(paths(notes)).toEqual(['responseFormat approximated']);
  });

  it('F52 blank text is left out, a first assistant message has a user’s before it, a last one a wish behind it', async () => {
    const { body } = await bodyOf(CLAUDE, {
      messages: [assistant(text('Hi.')), user(text(' ')), assistant(text('Ho.'))],
    });
    expect((body.messages as unknown as { role: string }[]).map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'user',
    ]);
    expect(body.messages?.[1]?.content).toEqual([{ text: 'Hi.' }, { text: 'Ho.' }]);
  });

  it('of a profile’s traits follow the model behind it, and the options add their fields', async () => {
    const arn = 'arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/abc';
    const extraBody = { guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1' } };
    const request = { reasoning: { mode: 'adaptive' } } as const;
    const { body } = await bodyOf(arn, request, { baseModels: { [arn]: ADAPTIVE }, extraBody });
    expect(body).toMatchObject({ ...extraBody, additionalModelRequestFields: { thinking: { type: 'adaptive' } } });
  });
});
