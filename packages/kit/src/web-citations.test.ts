import { describe, expect, it } from '@jest/globals';
import { Notes } from './notes.ts';
import { citationsIn, foreignCitations, wireDelta, withCitations } from './web-citations.ts';
import { noteWebSearch } from './web-search.ts';

const page = { url: 'https://a.example' };

describe('what a delta cites', () => {
  it('goes along with it, and not onto the wire', () => {
    const delta = withCitations({ type: 'x' }, [page]);
    expect(citationsIn(delta)).toEqual([page]);
    expect(wireDelta(delta)).toEqual({ type: 'x' });
    expect(withCitations({ type: 'x' }, [])).toEqual({ type: 'x' });
    expect(citationsIn({ type: 'x' })).toBeUndefined();
  });

  it('is told to other formats, with a reason for the rest', () => {
    const odd = { type: 'delta', citation: { type: 'page_location' } };
    const extensions = {
      own: { deltas: [withCitations({}, [{ url: 'own' }])] },
      other: { deltas: [withCitations({}, [page]), odd, odd], $note: 1, extra: true },
    };
    const { citations, untold } = foreignCitations(extensions, 'own');
    expect(citations).toEqual([page]);
    expect([...untold]).toEqual(['only other has page_location', 'only other has extra']);
    expect(foreignCitations(undefined, 'own').citations).toEqual([]);
    const nameless = foreignCitations({ other: { deltas: [{ type: { toString: 1 } }] } }, 'own');
    expect([...nameless.untold]).toEqual(['only other has an object']);
  });
});

it('a search is mapped, and every option that is not taken is lost', () => {
  const notes = new Notes();
  noteWebSearch({ maxUses: 1, allowedDomains: ['a'], others: ['engine'] }, ['maxUses'], 'tools[0]', notes);
  expect(notes.list.map(({ action, path }) => `${action} ${path}`)).toEqual([
    'mapped tools[0]',
    'dropped tools[0].allowedDomains',
    'dropped tools[0].engine',
  ]);
});
