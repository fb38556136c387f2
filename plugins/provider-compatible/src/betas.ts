import type { ProviderCall } from '@signalbox/kit';

/** The client's betas that the server knows, for `anthropic-beta`; the others are noted. An unknown one would be a 400. */
export function knownBetas({ headers, notes }: ProviderCall, known: readonly string[]): string | undefined {
  const asked = (headers['anthropic-beta'] ?? '').split(',').map((beta) => beta.trim());
  const kept: string[] = [];
  for (const beta of asked) {
    if (beta === '') continue;
    if (known.includes(beta)) kept.push(beta);
    else notes.add('headers.anthropic-beta', 'dropped', `the beta ${beta} is not in "betas"`);
  }
  return kept.length === 0 ? undefined : kept.join(',');
}
