import { expect, it } from '@jest/globals';
import { errors } from '@signalbox/kit';
import { nameTarget, saysTargets } from './name-target.ts';

const target = { provider: 'a', model: 'x/y' };

it('says whose failure it is, once', () => {
  const named = nameTarget(errors.providerAuth('The provider refused the key.'), target);
  expect(named.message).toBe('a/x/y: The provider refused the key.');
  expect(nameTarget(named, target)).toBe(named);
});

it('does not say it of an error that says it already, be it another target', () => {
  const other = { provider: 'b', model: 'z' };
  const named = nameTarget(errors.cutStream('It broke off.'), target);
  expect(nameTarget(named, other)).toBe(named);
  const several = saysTargets(errors.providerOverloaded('No target could answer. a/x/y: Down; b/z: Down.'));
  expect(nameTarget(several, other, true)).toBe(several);
});

it.each([
  ['a prompt that is too long', errors.contextOverflow('prompt is too long: 2 tokens > 1 maximum')],
  ['an image', errors.imageRejected('Could not process image')],
  ['a mistake of the client’s', errors.invalidRequest('max_tokens: must be a number')],
  ['a fault of the gateway’s', errors.noRoute('No provider is called x.')],
])('leaves the words alone of %s, unless told otherwise', (_what, error) => {
  expect(nameTarget(error, target)).toBe(error);
  expect(nameTarget(error, target, true).message).toBe(`a/x/y: ${error.message}`);
});
