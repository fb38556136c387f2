import { measure } from './growth.ts';
import { works } from './works.ts';

/** Measures everything whose name holds the text. @returns how much of it takes longer than it should. */
export function measureGrowth(only: string, say: (line: string) => void): number {
  let steep = 0;
  let count = 0;
  for (const work of works(true)) {
    if (!work.name.includes(only)) continue;
    const growth = measure(work);
    count++;
    if (!growth.steep) continue;
    steep++;
    say(`${growth.name}: ${growth.ms.map((ms) => ms.toFixed(1)).join(' → ')} ms, each for four times as much`);
  }
  say(`${count} measured, ${steep} too steep`);
  return count === 0 ? 1 : steep;
}
