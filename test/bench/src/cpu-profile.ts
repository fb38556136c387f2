/** What is read of a `.cpuprofile`. Times in µs. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface HotFunction {
  /** `name file:line` */
  readonly name: string;
  /** Self time over all time that was not idle. */
  readonly share: number;
}

/** The functions that took the most time themselves, the hottest first; waiting does not count. */
export function hottestFunctions({ nodes, samples, timeDeltas }: CpuProfile, count: number): HotFunction[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, frameName(callFrame)]));
  const selfUs = new Map<string, number>();
  let busyUs = 0;
  samples.forEach((id, index) => {
    const name = names.get(id) ?? '(unknown)';
    if (name === '(idle)' || name === '(root)') return;
    const deltaUs = timeDeltas[index] ?? 0;
    busyUs += deltaUs;
    selfUs.set(name, (selfUs.get(name) ?? 0) + deltaUs);
  });
  return [...selfUs]
    .map(([name, us]) => ({ name, share: us / busyUs }))
    .sort((a, b) => b.share - a.share)
    .slice(0, count);
}

function frameName({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  if (url === '') return name;
  const place = url
    .replace(/^file:\/\//, '')
    .replace(/^.*\/node_modules\/(?!\.pnpm)/, '')
    .replace(/^.*\/(packages|plugins|test)\//, '$1/');
  return `${name} ${place}:${lineNumber + 1}`;
}
