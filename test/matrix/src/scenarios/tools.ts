import type { Turn } from '@signalbox/testkit';
import { checkAnswer, checkHeard, checkUsage, partsOf, textOf, USAGE } from '../checks.ts';
import { same } from '../json.ts';
import type { Scenario } from '../scenario.ts';
import type { Exchange, Trial, WireAnswer } from '../trial.ts';
import type { Ask, AskResult, AskTool, HeardPart } from '../wire.ts';
import { PNG } from './samples.ts';

export const WEATHER: AskTool = {
  name: 'get_weather',
  description: 'Current weather of a city.',
  schema: {
    type: 'object',
    properties: {
      city: { type: 'string', description: 'Its name.' },
      unit: { type: 'string', enum: ['c', 'f'] },
    },
    required: ['city'],
  },
};

const NOTE: AskTool = {
  name: 'take_note',
  description: 'Keeps a note.',
  schema: { type: 'object', properties: { lines: { type: 'array', items: { type: 'string' } } }, required: ['lines'] },
};

const CLOCK: AskTool = {
  name: 'what_time',
  description: 'The time, without a question.',
  schema: { type: 'object', properties: {} },
};

const ASK: Ask = { turns: [{ role: 'user', text: 'How is the weather?' }], tools: [WEATHER, NOTE, CLOCK] };
const OSLO = { id: 'call_oslo', name: 'get_weather', arguments: { city: 'Zürich "Oerlikon"', unit: 'c' } };
const LIMA = { id: 'call_lima', name: 'get_weather', arguments: { city: 'Lima' } };
const TIME = { id: 'call_time', name: 'what_time', arguments: {} };
const KEEP = { id: 'call_note', name: 'take_note', arguments: { lines: ['eins 😀', 'zwei\n'] } };

/** The provider calls, the client answers, the provider sums up. */
function loop(
  name: string,
  about: string,
  { turn, results, also }: { turn: Turn; results: readonly AskResult[]; also?(trial: Trial, exchange: Exchange): void },
): Scenario {
  return {
    name,
    about,
    run: async (trial) => {
      await once(trial, trial.provider.answer(turn), false);
      const bare = (turn.toolCalls?.length ?? 0) > 1 ? trial.provider.withoutIds?.(turn) : undefined;
      if (bare !== undefined) await once(trial, bare, true);
    },
  };

  async function once(trial: Trial, answer: WireAnswer, withoutIds: boolean): Promise<void> {
    const body = trial.body(ASK);
    const first = await trial.ask(body, answer);
    const calls = (turn.toolCalls ?? []).map(({ name: called, arguments: input }) => ({ name: called, input }));
    checkHeard(trial, first, ASK);
    checkAnswer(trial, first, { text: String(turn.text ?? ''), ending: 'calls', calls });
    checkUsage(trial, first, USAGE);
    const second = await trial.ask(trial.client.next(body, first.said, { results, withoutIds }), { text: 'Fine.' });
    checkHeard(trial, second, ASK, 2);
    checkAnswer(trial, second, { text: 'Fine.' });
    checkLoop(trial, second, turn, results);
    also?.(trial, second);
  }
}

/** The history holds what was said and called, and each result belongs to its call. */
function checkLoop(trial: Trial, { heard }: Exchange, turn: Turn, results: readonly AskResult[]): void {
  const [, assistant, user] = heard?.turns ?? [];
  const calls = partsOf(assistant, 'call');
  const made = turn.toolCalls?.length ?? 0;
  trial.check('history', calls.length === made && assistant?.role === 'assistant', `${calls.length} calls were made`);
  trial.check('history', textOf(assistant) === String(turn.text ?? ''), `it has said ${textOf(assistant)}`);
  for (const [index, { name, arguments: input }] of (turn.toolCalls ?? []).entries()) {
    const call = calls[index];
    const holds = call?.name === name && same(call.input, input as typeof call.input);
    trial.check('history', holds, `call ${index} is ${JSON.stringify(call)}`);
  }
  const answered = partsOf(user, 'result');
  trial.check('results', answered.length === results.length, `${answered.length} results`);
  for (const [index, result] of results.entries()) {
    const heardResult = answered[index];
    const id = calls[index]?.id;
    const belongs = heardResult?.id === undefined || heardResult.id === id;
    trial.check('results', belongs, `result ${index} belongs to ${heardResult?.id} and not to ${id}`);
    trial.check('results', says(heardResult, result), `result ${index} is ${JSON.stringify(heardResult)}`);
  }
}

type HeardResult = Extract<HeardPart, { readonly type: 'result' }> | undefined;

/** Where there is a flag for errors, only they have it. An image may be said in words beside the text. */
function says(heard: HeardResult, { text, isError = false, image }: AskResult): boolean {
  if (heard === undefined || (heard.isError && !isError)) return false;
  return isError || image !== undefined ? heard.text.includes(text) : heard.text === text;
}

const one = { text: 'Let me see.', toolCalls: [OSLO] };
const FLAGS_ERRORS = ['anthropic-messages', 'gemini'];

export const tools: readonly Scenario[] = [
  loop('one tool', 'Its definition, the call with its arguments, and the result, which belongs to the call.', {
    turn: one,
    results: [{ text: '4 °C' }],
  }),
  loop(
    'parallel tools',
    'Four calls at once, two of the same tool, one without arguments; each result belongs to its call, also ' +
      'where formats let providers and clients leave out the ids.',
    {
      turn: { toolCalls: [OSLO, LIMA, TIME, KEEP] },
      results: [{ text: '4 °C' }, { text: '19 °C' }, { text: '{"time":"noon"}' }, { text: 'Kept.' }],
    },
  ),
  loop('tool error', 'A result that is an error: flagged where there is a flag, else the text says so.', {
    turn: one,
    results: [{ text: 'The station is offline.', isError: true }],
    also: (trial, { heard }) => {
      const [result] = partsOf(heard?.turns[2], 'result');
      // A client without the flag says it in its text, or not at all: that is not for a gateway to guess.
      const flagged = FLAGS_ERRORS.includes(trial.client.id);
      const known = result !== undefined && (result.isError || /error/i.test(result.text));
      trial.check('error flag', known === flagged, `the result is ${JSON.stringify(result)}`);
    },
  }),
  loop('tool result with image', 'An image in a result; it may follow the result where a result holds text alone.', {
    turn: one,
    results: [{ text: 'A photo:', image: PNG }],
    also: (trial, { heard }) => {
      const turn = heard?.turns[2];
      const shown = [
        ...partsOf(turn, 'result').flatMap(({ images }) => images),
        ...partsOf(turn, 'image').map(({ data }) => data),
      ];
      trial.check('image', shown.length === 1 && shown[0] === PNG, `${shown.length} images`);
    },
  }),
];
