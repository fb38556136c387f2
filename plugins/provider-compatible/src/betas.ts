import type { ProviderCall } from '@signalbox/kit';

/** The client's betas that the server knows, for `anthropic-beta`. An unknown one would be a 400: those are noted. */
export function knownBetas({ headers, notes }: ProviderCall, known: readonly string[]): string | undefined {
  const asked = (headers['anthropic-beta'] ?? '').split(',').flatMap((beta) => beta.trim() || []);
  const dropped = asked.filter((beta) => !known.includes(beta));
  if (dropped.length > 0) {
    notes.add('headers.anthropic-beta', 'dropped', `not listed in the option betas: ${dropped.join(', ')}`);
  }
  return asked.filter((beta) => known.includes(beta)).join(',') || undefined;
}
