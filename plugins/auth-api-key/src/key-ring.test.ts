import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createKeyRing } from './key-ring.ts';

it('F101 finds exactly the keys it has, of any length', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1 }),
      fc.string(),
      (keys, other) => {
        const find = createKeyRing(keys.map((key, index) => ({ key, name: `${index}` })));
        expect(keys.map((key) => find(key)?.id)).toEqual(keys.map((_key, index) => `${index}`));
        if (!keys.includes(other)) expect(find(other)).toBeUndefined();
      },
    ),
  );
});
