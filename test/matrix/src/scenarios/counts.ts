import { json } from '@signalbox/testkit';
import { checkAnswer, checkUsage } from '../checks.ts';
import { object, parse } from '../json.ts';
import type { Scenario } from '../scenario.ts';
import type { Ask } from '../wire.ts';
import { WEATHER } from './tools.ts';

const ask: Ask = { turns: [{ role: 'user', text: 'Hello?' }] };
const long: Ask = { system: 'Be brief. '.repeat(200), turns: ask.turns, tools: [WEATHER] };
const COUNTED = 4_321;

export const counts: readonly Scenario[] = [
  {
    name: 'usage with cache',
    about:
      'Prompt, completion, what of the prompt came from a cache or went into one, and what of the completion was ' +
      'reasoning, each counted as the client’s format counts.',
    run: async (trial) => {
      const exchange = await trial.ask(trial.body(ask), {
        text: 'Yes.',
        usage: {
          promptTokens: 1_000,
          cacheReadTokens: 800,
          cacheWriteTokens: 100,
          completionTokens: 30,
          reasoningTokens: 12,
        },
      });
      checkAnswer(trial, exchange, { text: 'Yes.' });
      checkUsage(trial, exchange, { prompt: 1_000, completion: 30 });
      const { said, record } = exchange;
      const { cached, written, thought } = said.usage ?? {};
      trial.check('cached', cached === 800, `${cached} tokens from the cache`);
      trial.check('written', written === 100, `${written} tokens into the cache`);
      trial.check('thought', thought === 12, `${thought} tokens of reasoning`);
      trial.check('cache log', record.usage?.cacheReadTokens === 800, `${record.usage?.cacheReadTokens} on record`);
    },
  },
  {
    name: 'count tokens',
    about: 'The count of a prompt, system and tools included: the provider’s own, or else an estimate.',
    wholeOnly: true,
    run: async (trial) => {
      const { client, line, provider } = trial;
      const { count } = client;
      if (count === undefined) {
        trial.check('count', false, 'the client cannot ask');
        return;
      }
      if (provider.count !== undefined) line.answer(json(200, provider.count(COUNTED)));
      const tokensOf = async (of: Ask): Promise<number> => {
        const answer = await trial.fetch(count.path(line.model), count.body(of, line.model));
        trial.check('count', answer.status === 200, `status ${answer.status}`);
        return count.read(object(parse(await answer.text()))) ?? Number.NaN;
      };
      const large = await tokensOf(long);
      const [request] = line.requests;
      trial.check('counted', request !== undefined && large === COUNTED, `${large} tokens, estimated`);
      if (request === undefined) {
        const small = await tokensOf(ask);
        trial.check('count', small > 2 && small < 50 && large > small + 400, `${small} and ${large} tokens`);
        return;
      }
      const heard = JSON.stringify(request.body);
      for (const part of ['Be brief. Be brief.', 'Hello?', WEATHER.name]) {
        trial.check('count', heard.includes(part), `${part} is not counted`);
      }
    },
  },
];
