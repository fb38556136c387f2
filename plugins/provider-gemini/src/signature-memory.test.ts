import { expect, it } from '@jest/globals';
import { SignatureMemory } from './signature-memory.ts';

it('forgets what was not used for the longest time, once all together are too large', () => {
  const memory = new SignatureMemory(20);
  memory.set('a', '123456789');
  memory.set('b', '123456789');
  expect(memory.get('a')).toBe('123456789');
  memory.set('c', '123456789');
  expect([memory.get('a'), memory.get('b'), memory.get('c')]).toEqual(['123456789', undefined, '123456789']);
});

it('counts a signature that is replaced once, and keeps none that is too large by itself', () => {
  const memory = new SignatureMemory(20);
  memory.set('a', '123456789');
  memory.set('a', '12345678');
  memory.set('b', '123456789');
  expect([memory.get('a'), memory.get('b')]).toEqual(['12345678', '123456789']);
  memory.set('c', 'x'.repeat(20));
  expect([memory.get('a'), memory.get('b'), memory.get('c')]).toEqual([undefined, undefined, undefined]);
});
