import { describe, expect, it } from '@jest/globals';
import type { LocalProvider, ModelInfo } from '@signalbox/kit';
import { ModelFacts } from './model-facts.ts';

const facts = (models: readonly ModelInfo[]) => {
  const provider: LocalProvider = {
    models: () => models,
    answer: () => {
      throw new Error('nobody asks');
    },
  };
  return new ModelFacts(new Map([['p', { name: 'p', provider, transport: undefined }]]));
};
const target = { provider: 'p', model: 'm' };

describe('ModelFacts', () => {
  it('hears the provider first, then the others in their order', () => {
    const known = facts([{ id: 'm', contextTokens: 1 }]);
    known.add(() => ({ id: 'm', contextTokens: 2, maxOutputTokens: 2 }));
    known.add(() => ({ id: 'm', contextTokens: 3, maxOutputTokens: 3, displayName: 'M' }));
    expect(known.of(target)).toEqual({ id: 'm', contextTokens: 1, maxOutputTokens: 2, displayName: 'M' });
  });

  it('hears what is put first before the provider, whenever it is added', () => {
    const known = facts([{ id: 'm', contextTokens: 1, capabilities: { images: true, tools: true } }]);
    known.add(() => ({ id: 'm', contextTokens: 2 }));
    known.add(() => ({ id: 'm', contextTokens: 3, capabilities: { images: false } }), { first: true });
    expect(known.of(target)).toEqual({ id: 'm', contextTokens: 3, capabilities: { images: false, tools: true } });
  });

  it('knows what only a plugin knows, and nothing where nobody does', () => {
    const known = facts([]);
    known.add(({ model }) => (model === 'm' ? { id: 'm', contextTokens: 2 } : undefined));
    expect(known.of(target)).toEqual({ id: 'm', contextTokens: 2 });
    expect(known.of({ provider: 'p', model: 'n' })).toBeUndefined();
    expect(known.of({ provider: 'q', model: 'n' })).toBeUndefined();
  });
});
