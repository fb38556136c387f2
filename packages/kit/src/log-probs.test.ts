import { expect, it } from '@jest/globals';
import { foldLogProbs, logProbsDelta, logProbsIn } from './log-probs.ts';
import { foreignCitations, untoldReason } from './web-citations.ts';

const hi = { token: 'Hi', logprob: -0.1, bytes: [72, 105], top_logprobs: [] };
const delta = logProbsDelta([hi]);

it('log probabilities of a text go along with it, whatever format they come from', () => {
  expect(logProbsIn(delta)).toEqual([hi]);
  expect(logProbsIn({ type: 'logprobs', logprobs: [hi] })).toBeUndefined();
  const extensions = { one: { deltas: [{ phase: 'x' }, delta] }, other: { deltas: [delta], more: 1 } };
  expect(foldLogProbs(extensions)).toEqual([hi, hi]);
  expect(foldLogProbs(undefined)).toEqual([]);
});

it('log probabilities are untold where a format has no place for them, and where it has are not', () => {
  const extensions = { other: { deltas: [delta] } };
  expect([...foreignCitations(extensions, 'own').untold]).toEqual(['log probabilities have no place here']);
  expect(untoldReason('other', delta)).toBe('log probabilities have no place here');
  expect([...foreignCitations(extensions, 'own', { logProbs: true }).untold]).toEqual([]);
});
