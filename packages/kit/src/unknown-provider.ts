import type { PluginHost } from './plugin.ts';

/**
 * Why a pattern for `provider/model` fits no target at all, in words; `undefined`: it may fit some. Ask in `ready`: before,
 * not all providers are known.
 */
export function unknownProvider(pattern: string, host: Pick<PluginHost, 'providerNames'>): string | undefined {
  const [head = ''] = pattern.split(/[*/]/, 1);
  const end = pattern.charAt(head.length);
  const names = host.providerNames();
  if (end === '') return 'a target is written provider/model';
  if (end === '*') {
    if (names.some((name) => name.startsWith(head))) return undefined;
    return `no provider’s name begins with "${head}".${known(names)}`;
  }
  if (names.includes(head)) return undefined;
  const near = nearest(head, names);
  const hint = near === undefined ? known(names) : ` Did you mean "${near}${pattern.slice(head.length)}"?`;
  return `no provider is called "${head}".${hint}`;
}

/** ` Did you mean "background"?`, or nothing where no word is near. */
export function didYouMean(word: string, words: readonly string[]): string {
  const near = nearest(word, words);
  return near === undefined ? '' : ` Did you mean "${near}"?`;
}

function known(names: readonly string[]): string {
  return names.length === 0 ? ' There is none.' : ` There are ${names.join(', ')}.`;
}

/** The word that takes the fewest changes, where these are few for its length; upper and lower case are alike. */
function nearest(word: string, words: readonly string[]): string | undefined {
  let best: string | undefined;
  let fewest = Math.floor(word.length / 3) + 1;
  for (const candidate of words) {
    const changes = changesBetween(word.toLowerCase(), candidate.toLowerCase());
    if (changes < fewest) {
      best = candidate;
      fewest = changes;
    }
  }
  return best;
}

/** Letters to add, to leave out, or to replace. */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
