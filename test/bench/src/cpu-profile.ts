/** What is read of a `.cpuprofile`. Times in µs. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

export interface HotFunction {
  /** `name file:line`; what has no file, because it is the engine's own, is followed by its caller. */
  readonly name: string;
  /** Self time over all time that was not idle. */
  readonly share: number;
}

/** The functions that took the most time themselves, the hottest first; waiting does not count. */
export function hottestFunctions({ nodes, samples, timeDeltas }: CpuProfile, count: number): HotFunction[] {
  const names = nodeNames(nodes);
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

function nodeNames(nodes: CpuProfile['nodes']): ReadonlyMap<number, string> {
  const callers = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)));
  return new Map(
    nodes.map(({ id, callFrame }) => {
      const caller = callers.get(id)?.callFrame;
      const native = callFrame.url === '' && caller !== undefined && caller.functionName !== '(root)';
      return [id, native ? `${frameName(callFrame)} ← ${frameName(caller)}` : frameName(callFrame)];
    }),
  );
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
