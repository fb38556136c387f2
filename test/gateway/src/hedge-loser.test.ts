import { afterEach, describe, expect, it } from '@jest/globals';
import openaiResponses from '@signalbox/format-openai-responses';
import { definePlugin, errors, type JsonObject, type Plugin, Stage } from '@signalbox/kit';
import routeHedge from '@signalbox/route-hedge';
import { hang, reply } from '@signalbox/testkit';
import keepReasoning from '@signalbox/transform-keep-reasoning';
import responseStore from '@signalbox/transform-response-store';
import { startTestGateway, type TestGateway } from './harness.ts';

let gateway: TestGateway;
afterEach(() => gateway.close());

const MESSAGES = '/v1/messages';
const TARGETS = ['anthropic/one', 'anthropic/two'];
const LOOK = { type: 'function', function: { name: 'look', parameters: { type: 'object' } } };
const HEDGE = { afterMs: 20 };

interface Gate {
  readonly plugin: Plugin;
  /** The first answer may go on. */
  open(): void;
  /** It has gone on. */
  readonly passed: Promise<void>;
}

/** Holds the first answer that comes by, behind all other plugins, and notes each by the number in which it came. */
function gate(then: () => void = () => {}): Gate {
  const opened = Promise.withResolvers<void>();
  const passed = Promise.withResolvers<void>();
  let answers = 0;
  const plugin = definePlugin({
    name: 'test-gate',
    apply: ({ hooks }) =>
      hooks.transformOut.tapPromise({ name: 'test-gate', stage: Stage.Late }, async (answer, { notes }) => {
        const number = ++answers;
        notes.add(`answer ${number}`, 'mapped', 'by the test');
        if (number > 1) return answer;
        await opened.promise;
        passed.resolve();
        then();
        return answer;
      }),
  });
  return { plugin, open: opened.resolve, passed: passed.promise };
}

/** One call behind a thought, all of which says which answer it is of; the usage, too. */
function answerInTurn(): void {
  let answers = 0;
  gateway.provider.on(MESSAGES, (request, wire) => {
    const number = ++answers;
    return reply({
      reasoning: `Thought ${number}.`,
      signature: Buffer.from(`${number}`).toString('base64'),
      toolCalls: [{ id: `call_${number}`, name: 'look', arguments: { at: number } }],
      usage: { promptTokens: 10 * number, completionTokens: number },
    })(request, wire);
  });
}

const chat = (messages: readonly JsonObject[]) =>
  gateway.post('/v1/chat/completions', { model: 'm', messages, tools: [LOOK], max_tokens: 100 });
const ASKED = [{ role: 'user', content: 'Look!' }];

async function health(): Promise<JsonObject> {
  return (await (await fetch(`${gateway.url}/health`)).json()) as JsonObject;
}

/** The client goes on from its answer: what thoughts the provider gets back. */
async function thoughtsBehind(answered: Response): Promise<unknown[]> {
  const { choices } = (await answered.json()) as { choices: { message: { tool_calls: JsonObject[] } }[] };
  const { tool_calls: calls } = choices[0]?.message ?? { tool_calls: [] };
  const result = { role: 'tool', tool_call_id: String(calls[0]?.id), content: 'done' };
  await chat([...ASKED, { role: 'assistant', content: null, tool_calls: calls }, result]);
  const { messages } = (gateway.provider.requests.at(-1)?.body ?? {}) as { messages?: JsonObject[] };
  const blocks = (messages ?? []).flatMap(({ content }) => (Array.isArray(content) ? (content as JsonObject[]) : []));
  return blocks.filter(({ type }) => type === 'thinking').map(({ thinking }) => thinking);
}

describe('the try that loses, with its answer all but given', () => {
  it.each([
    ['at another target', TARGETS, {}],
    ['at the same one', ['anthropic/one'], { sameTarget: true }],
  ])('leaves no state, no notes and no usage: %s', async (_where, targets, options) => {
    const { plugin, open, passed } = gate();
    gateway = await startTestGateway({
      targets,
      plugins: [[keepReasoning], [plugin], [routeHedge, { ...HEDGE, ...options }]],
    });
    answerInTurn();
    const answered = await chat(ASKED);
    open();
    await passed;
    expect(answered.headers.get('x-signalbox-attempts')).toBe('2');
    expect(answered.headers.get('x-signalbox-fidelity')).toBe('mapped=1');
    const record = await gateway.nextRecord();
    expect(record.notes.map(({ path }) => path)).toEqual(['answer 2']);
    expect(record.usage).toMatchObject({ promptTokens: 20, completionTokens: 2 });
    expect(record.attempts).toMatchObject([
      { outcome: 'aborted', usage: { promptTokens: 10, completionTokens: 1 } },
      { outcome: 'answered', as: 'hedge', usage: { promptTokens: 20, completionTokens: 2 } },
    ]);
    expect(record.attempts).toHaveLength(2);
    expect(await health()).toMatchObject({ keptReasoning: { answers: 1 } });
    expect(await thoughtsBehind(answered)).toEqual(['Thought 2.']);
  });

  it('leaves the first try’s answer as the one that stands where the second one loses', async () => {
    const { plugin, open } = gate();
    gateway = await startTestGateway({
      targets: TARGETS,
      plugins: [[keepReasoning], [plugin], [routeHedge, HEDGE]],
    });
    answerInTurn();
    const second = Promise.withResolvers<void>();
    gateway.provider.on(MESSAGES, async (request, wire) => {
      if (request.body?.model === 'two') {
        second.resolve();
        return hang()(request, wire);
      }
      return reply({ reasoning: 'Thought 1.', signature: 'MQ==', text: 'Hm.' })(request, wire);
    });
    const asking = chat(ASKED);
    await second.promise;
    open();
    expect((await asking).status).toBe(200);
    expect((await gateway.nextRecord()).attempts).toMatchObject([
      { target: { model: 'two' }, outcome: 'aborted', as: 'hedge' },
      { target: { model: 'one' }, outcome: 'answered' },
    ]);
    expect(await health()).toMatchObject({ keptReasoning: { answers: 1 } });
  });

  it('answers although a plugin fails to remember the answer', async () => {
    const forgetful = definePlugin({
      name: 'test-forgetful',
      apply: ({ hooks }) =>
        hooks.transformOut.tap('test-forgetful', (answer, exchange) => {
          exchange.whenStands(() => {
            throw new Error('full');
          });
          return answer;
        }),
    });
    gateway = await startTestGateway({ targets: TARGETS, plugins: [[forgetful], [routeHedge, HEDGE]] });
    gateway.provider.on(MESSAGES, reply({ text: 'hi' }));
    const answered = await chat(ASKED);
    expect(answered.status).toBe(200);
    expect(await gateway.nextRecord()).not.toHaveProperty('error');
  });

  it('is in no conversation that is stored', async () => {
    const { plugin, open, passed } = gate();
    gateway = await startTestGateway({
      targets: TARGETS,
      plugins: [[openaiResponses], [responseStore], [plugin], [routeHedge, HEDGE]],
    });
    answerInTurn();
    const tools = [{ type: 'function', name: 'look', parameters: { type: 'object' } }];
    const answered = await gateway.post('/v1/responses', { model: 'm', input: 'Look!', tools });
    open();
    await passed;
    const { id, output } = (await answered.json()) as { id: string; output: JsonObject[] };
    expect(JSON.stringify(output)).toContain('call_2');
    expect(await health()).toMatchObject({ keptResponses: { responses: 1 } });
    const kept = await (await fetch(`${gateway.url}/v1/responses/${id}`)).json();
    expect(kept).toMatchObject({ id, output, usage: { input_tokens: 20 } });
  });
});

it('an answer that a plugin refuses leaves no state behind', async () => {
  const refusing = gate(() => {
    throw errors.malformedReply('The test does not want it.');
  });
  gateway = await startTestGateway({
    targets: TARGETS,
    plugins: [[keepReasoning], [refusing.plugin]],
  });
  refusing.open();
  answerInTurn();
  const answered = await chat(ASKED);
  expect(await health()).toMatchObject({ keptReasoning: { answers: 1 } });
  const record = await gateway.nextRecord();
  expect(record.notes.map(({ path }) => path)).toEqual(['answer 2']);
  expect(record.attempts).toMatchObject([{ outcome: 'failed', usage: { promptTokens: 10 } }, { outcome: 'answered' }]);
  expect(await thoughtsBehind(answered)).toEqual(['Thought 2.']);
});
