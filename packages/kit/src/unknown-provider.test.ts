import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { didYouMean, unknownProvider } from './unknown-provider.ts';

const PROVIDERS = ['anthropic', 'openrouter', 'c'];
const unknown = (pattern: string) => unknownProvider(pattern, { providerNames: () => PROVIDERS });

describe('a pattern for targets', () => {
  it.each([
    ['anthropic/*'],
    ['openrouter/*:free'],
    ['c/x'],
    ['c/vendor/x'],
    ['*'],
    ['*/x'],
    ['open*'],
    ['open*/x'],
    ['openrouter*'],
    ['*:free'],
  ])('%s may fit', (pattern) => {
    expect(unknown(pattern)).toBeUndefined();
  });

  it.each([
    ['antropic/*', 'no provider is called "antropic". Did you mean "anthropic/*"?'],
    ['opnrouter/*:free', 'no provider is called "opnrouter". Did you mean "openrouter/*:free"?'],
    ['Anthropic/x', 'no provider is called "Anthropic". Did you mean "anthropic/x"?'],
    ['mistral/*', 'no provider is called "mistral". There are anthropic, openrouter, c.'],
    ['opnr*/x', 'no provider’s name begins with "opnr". There are anthropic, openrouter, c.'],
    ['claude-opus-5', 'a target is written provider/model'],
    ['/x', 'no provider is called "". There are anthropic, openrouter, c.'],
  ])('%s never does', (pattern, said) => {
    expect(unknown(pattern)).toBe(said);
  });

  it('fits some target exactly where nothing is said', () => {
    const part = fc.constantFrom('anthropic', 'open', 'c', '*', 'x');
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => {
        expect(unknown(`${parts.join('')}/x`) === undefined).toBe(PROVIDERS.some((name) => head(name, parts.join(''))));
      }),
    );
  });
});

/** By hand: up to the first star. Behind it a model may have whatever is left. */
function head(name: string, pattern: string): boolean {
  const star = pattern.indexOf('*');
  return star === -1 ? name === pattern : name.startsWith(pattern.slice(0, star));
}

describe('the nearest word', () => {
  it.each([
    ['backgroud', ' Did you mean "background"?'],
    ['backgruond', ' Did you mean "background"?'],
    ['websearch', ' Did you mean "webSearch"?'],
    ['thnk', ' Did you mean "think"?'],
    ['thinking', ''],
    ['c', ''],
    ['', ''],
  ])('for "%s"', (word, said) => {
    expect(didYouMean(word, ['background', 'webSearch', 'think'])).toBe(said);
  });
});
