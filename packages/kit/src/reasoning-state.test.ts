import { expect, it } from '@jest/globals';
import { saysSomething } from './reasoning-state.ts';

it('saysSomething tells a signature from the name of an origin', () => {
  expect(saysSomething({ origin: 'acme', data: {} })).toBe(false);
  expect(saysSomething(undefined)).toBe(false);
  for (const data of ['c2ln', { id: 'rs_1' }, [], null, 0]) expect(saysSomething({ origin: 'acme', data })).toBe(true);
});
