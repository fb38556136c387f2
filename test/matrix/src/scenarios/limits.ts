import { checkAnswer, checkHeard, checkUsage, USAGE } from '../checks.ts';
import type { Scenario } from '../scenario.ts';
import type { Ask } from '../wire.ts';

const SCHEMA = {
  type: 'object',
  properties: { city: { type: 'string' }, degrees: { type: 'number' } },
  required: ['city', 'degrees'],
  additionalProperties: false,
};
const turns = [{ role: 'user', text: 'Count.' }] as const;

export const limits: readonly Scenario[] = [
  {
    name: 'structured output',
    about: 'A JSON schema for the answer arrives as such, and the answer is the JSON.',
    run: async (trial) => {
      const ask: Ask = { turns, schema: SCHEMA };
      const text = '{"city":"Oslo","degrees":4}';
      const exchange = await trial.ask(trial.body(ask), { text });
      checkHeard(trial, exchange, ask);
      checkAnswer(trial, exchange, { text });
    },
  },
  {
    name: 'stop sequence',
    about: 'The answer ends before the word, and a client whose format has a word for this end hears it.',
    run: async (trial) => {
      const ask: Ask = { turns, stop: 'ENOUGH' };
      // A provider that knows stop sequences stops; one that does not goes on.
      const obeys = trial.provider.id !== 'openai-responses';
      const exchange = await trial.ask(
        trial.body(ask),
        obeys
          ? { text: 'One, two.', stopReason: 'stop-sequence', stopSequence: 'ENOUGH' }
          : { text: 'One, two.ENOUGH, three, four, and so on.' },
      );
      const says = trial.client.id === 'anthropic-messages';
      checkHeard(trial, exchange, ask);
      checkAnswer(trial, exchange, { text: 'One, two.', ...(says ? { ending: 'stop' } : {}) });
      if (says) {
        const { stopSequence } = exchange.said;
        trial.check('ending', stopSequence === 'ENOUGH', `the stop sequence is ${stopSequence}`);
      }
    },
  },
  {
    name: 'max tokens',
    about: 'The limit arrives, and the client hears that the answer was cut by it.',
    run: async (trial) => {
      const ask: Ask = { turns, limit: 123 };
      const exchange = await trial.ask(trial.body(ask), { text: 'One, two, thr', stopReason: 'max-tokens' });
      checkHeard(trial, exchange, ask);
      checkAnswer(trial, exchange, { text: 'One, two, thr', ending: 'limit' });
      checkUsage(trial, exchange, USAGE);
    },
  },
  {
    name: 'refusal',
    about:
      'The client hears that the model, or a filter of the provider, declined, in each of the ways that it has; the words with it arrive.',
    run: async (trial) => {
      const ask: Ask = { turns };
      const exchange = await trial.ask(trial.body(ask), { text: 'One, ', stopReason: 'refusal' });
      checkHeard(trial, exchange, ask);
      checkAnswer(trial, exchange, { text: 'One, ', ending: 'refused' });
      for (const refusal of trial.provider.refusals) {
        const { status, said } = await trial.ask(trial.body(ask), refusal);
        trial.check('answer', status === 200, `status ${status} for a refusal`);
        trial.check('answer', said.text.includes(refusal.words), `the client reads ${JSON.stringify(said.text)}`);
        trial.check('ending', said.ending === 'refused' && said.ended, `the client takes a refusal for ${said.ending}`);
        for (const problem of said.problems) trial.check('wire', false, `the client stumbles: ${problem}`);
      }
    },
  },
];
