import type { Turn } from '@signalbox/testkit';
import { checkAnswer, checkHeard, partsOf, textOf } from '../checks.ts';
import type { Scenario } from '../scenario.ts';
import type { Trial } from '../trial.ts';
import type { Ask, AskTurn, Then } from '../wire.ts';
import { PDF, PNG } from './samples.ts';
import { WEATHER } from './tools.ts';

function media(name: string, about: string, turn: Partial<AskTurn>): Scenario {
  return {
    name,
    about,
    run: async (trial) => {
      const ask: Ask = { turns: [{ role: 'user', text: 'What is this?', ...turn }] };
      const exchange = await trial.ask(trial.body(ask), { text: 'A dot.' });
      checkHeard(trial, exchange, ask);
      checkAnswer(trial, exchange, { text: 'A dot.' });
    },
  };
}

const SIGNATURE = 'c2lnbmVkIGJ5IHRoZSBwcm92aWRlcg==';
const SIGNS = ['anthropic-messages', 'openai-responses', 'gemini'];
const CALL = { id: 'call_1', name: WEATHER.name, arguments: { city: 'Oslo' } };
const THOUGHT = 'Two cities; one lookup will do.';

export const content: readonly Scenario[] = [
  media('image in', 'A PNG beside a text, byte for byte and as a PNG.', { image: PNG }),
  media('document in', 'A PDF beside a text, byte for byte and as a PDF.', { document: PDF }),
  {
    name: 'reasoning round trip',
    about:
      'Reasoning is asked for and shown, and goes back to its provider with the call, or the text, that it led to: the ' +
      'words where they count, the signature where there is one, unchanged and none besides.',
    run: async (trial) => {
      await roundTrip(trial, { text: 'One moment.', toolCalls: [CALL] }, { results: [{ text: '4 °C' }] });
      await roundTrip(trial, { text: 'It is cold.' }, { text: 'Why?' });
    },
  },
];

async function roundTrip(trial: Trial, answer: Turn & { readonly text: string }, then: Then): Promise<void> {
  const ask: Ask = { turns: [{ role: 'user', text: 'Weather?' }], tools: [WEATHER], limit: 8000, reasons: true };
  const body = trial.body(ask);
  const first = await trial.ask(body, { reasoning: THOUGHT, signature: SIGNATURE, ...answer });
  const calls = (answer.toolCalls ?? []).map(({ name, arguments: input }) => ({ name, input }));
  checkHeard(trial, first, ask);
  checkAnswer(trial, first, { text: answer.text, ending: calls.length > 0 ? 'calls' : 'end', calls });
  trial.check('shown', first.said.reasoning === THOUGHT, `the client reads ${first.said.reasoning}`);
  const second = await trial.ask(trial.client.next(body, first.said, then), { text: 'Cold.' });
  checkHeard(trial, second, ask, 2);
  checkAnswer(trial, second, { text: 'Cold.' });

  const turn = second.heard?.turns[1];
  trial.check('history', textOf(turn) === answer.text, `it has said ${textOf(turn)}`);
  const words = partsOf(turn, 'reasoning')
    .map(({ text }) => text)
    .join('');
  trial.check('returned', words === THOUGHT, `the provider reads ${JSON.stringify(words)}`);
  const signed = [...partsOf(turn, 'reasoning'), ...partsOf(turn, 'text'), ...partsOf(turn, 'call')];
  const signatures = signed.flatMap(({ signature = '' }) => (signature === '' ? [] : [signature]));
  const genuine = signatures.filter((signature) => signature === SIGNATURE);
  trial.check('forged', genuine.length === signatures.length, `the signatures are ${signatures.join(', ')}`);
  const expected = SIGNS.includes(trial.provider.id) ? 1 : 0;
  trial.check('signature', genuine.length === expected, `${genuine.length} signatures come back`);
}
