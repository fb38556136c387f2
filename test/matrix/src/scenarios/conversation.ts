import { checkAnswer, checkHeard, checkUsage, USAGE } from '../checks.ts';
import type { Scenario } from '../scenario.ts';
import type { Ask } from '../wire.ts';

const TEXT = 'Grüß Gott, "Welt" 😀\n\tEnde.';

/** One question, one answer, and both arrive as they were said. */
function plain(name: string, about: string, ask: Ask): Scenario {
  return {
    name,
    about,
    run: async (trial) => {
      const exchange = await trial.ask(trial.body(ask), { text: TEXT });
      checkHeard(trial, exchange, ask);
      checkAnswer(trial, exchange, { text: TEXT });
      checkUsage(trial, exchange, USAGE);
    },
  };
}

export const conversation: readonly Scenario[] = [
  plain('text', 'A question and its answer, letter by letter, umlauts, quotes and emoji included.', {
    turns: [{ role: 'user', text: 'Sag „Grüß Gott“ 😀\nund Ende.' }],
    limit: 300,
  }),
  plain('system', 'A system prompt of several lines stands where the provider looks for it.', {
    system: 'Be brief.\n\nAnswer in German.',
    turns: [{ role: 'user', text: 'Hello?' }],
  }),
  plain('multi-turn', 'Five turns arrive in their order and on their sides.', {
    system: 'Be brief.',
    turns: [
      { role: 'user', text: 'One?' },
      { role: 'assistant', text: 'Two.' },
      { role: 'user', text: 'Three?' },
      { role: 'assistant', text: 'Four.' },
      { role: 'user', text: 'Five?' },
    ],
  }),
];
