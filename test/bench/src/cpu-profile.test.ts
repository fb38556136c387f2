import { describe, expect, it } from '@jest/globals';
import { hottestFunctions } from './cpu-profile.ts';

const node = (id: number, functionName: string, url = '', lineNumber = -1, children: readonly number[] = []) => ({
  id,
  children,
  callFrame: { functionName, url, lineNumber },
});

describe('hottestFunctions', () => {
  it('adds up self time over all call paths, leaves idle time out, and names places shortly', () => {
    const profile = {
      nodes: [
        node(1, '(root)'),
        node(2, '(idle)'),
        node(3, 'scan', 'file:///home/x/repo/packages/core/src/scan.ts', 9),
        node(4, 'scan', 'file:///home/x/repo/packages/core/src/scan.ts', 9),
        node(5, '', 'file:///home/x/repo/node_modules/.pnpm/undici@1/node_modules/undici/lib/a.js', 0),
        node(6, '(garbage collector)'),
      ],
      samples: [1, 3, 2, 4, 5, 6],
      timeDeltas: [50, 30, 1000, 30, 30, 10],
    };
    expect(hottestFunctions(profile, 2)).toEqual([
      { name: 'scan packages/core/src/scan.ts:10', share: 0.6 },
      { name: '(anonymous) undici/lib/a.js:1', share: 0.3 },
    ]);
  });

  it('says who called what has no file of its own', () => {
    const profile = {
      nodes: [
        node(1, '(root)', '', -1, [2, 4]),
        node(2, 'send', 'file:///r/packages/server/src/a.ts', 4, [3]),
        node(3, 'writev'),
        node(4, '(garbage collector)'),
      ],
      samples: [3, 4],
      timeDeltas: [30, 10],
    };
    expect(hottestFunctions(profile, 5)).toEqual([
      { name: 'writev ← send packages/server/src/a.ts:5', share: 0.75 },
      { name: '(garbage collector)', share: 0.25 },
    ]);
  });
});
