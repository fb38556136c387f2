import type { Notes } from '../notes.ts';
import { isAnnotation } from '../schema-words.ts';
import type { StrictChanges } from './changes.ts';

/** Notes what became of a schema that a provider wants said strictly: in one note what is no loss, in one what is. */
export function noteStrictChanges(notes: Notes, path: string, changes: StrictChanges): void {
  const { told, lost, closed, shut, anyOf, nulls, any } = changes;
  const mapped = [
    ...(closed ? ['objects that say nothing of further properties take none'] : []),
    ...(anyOf ? ['"oneOf" is sent as "anyOf"'] : []),
    ...(nulls ? ['what may be left out may be null there, and such nulls are left out of what comes back'] : []),
    ...said(told.filter(isAnnotation)),
  ];
  const limits = told.filter((keyword) => !isAnnotation(keyword));
  const approximated = [
    ...(shut ? ['objects that take further properties take none'] : []),
    ...said(limits),
    ...(lost.length === 0 ? [] : [`nothing says ${lost.join(', ')}`]),
  ];
  if (any && mapped.length + approximated.length === 0) mapped.push('in other words');
  if (mapped.length > 0) notes.add(path, 'mapped', `said strictly: ${mapped.join('; ')}`);
  if (approximated.length > 0) notes.add(path, 'approximated', `said strictly: ${approximated.join('; ')}`);
}

function said(keywords: readonly string[]): string[] {
  return keywords.length === 0 ? [] : [`descriptions say ${keywords.join(', ')}`];
}
