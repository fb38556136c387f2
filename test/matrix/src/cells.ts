import type { Bench } from './bench.ts';
import { clients } from './clients/index.ts';
import { asides, type Exception, exceptions } from './exceptions.ts';
import { providers } from './providers/index.ts';
import type { Scenario } from './scenario.ts';
import { Trial } from './trial.ts';
import type { ClientKind, ProviderKind } from './wire.ts';

export interface Cell {
  readonly scenario: Scenario;
  readonly client: ClientKind;
  readonly provider: ProviderKind;
  readonly stream: boolean;
}

export interface Verdict {
  /** ✓ served · ~ served with a note · – not served, and it says why · ✗ wrong. */
  readonly mark: '✓' | '~' | '–' | '✗';
  /** Why it is no ✓, by the exceptions that are allowed. */
  readonly reasons: readonly string[];
  /** Why it is ✗. */
  readonly problems: readonly string[];
}

/** Every cell of these scenarios, client by client. */
export function cellsOf(scenarios: readonly Scenario[]): readonly Cell[] {
  return clients.flatMap((client) =>
    scenarios.flatMap((scenario) =>
      providers.flatMap((provider) =>
        (scenario.wholeOnly === true ? [false] : [false, true]).map((stream) => ({
          scenario,
          client,
          provider,
          stream,
        })),
      ),
    ),
  );
}

export async function judge(bench: Bench, cell: Cell, list: readonly Exception[] = exceptions): Promise<Verdict> {
  const allowed = list.filter((exception) => applies(exception, cell));
  // What there are no words for cannot be asked.
  const unasked = allowed.filter((exception) => exception.unasked === true);
  if (unasked.length > 0) return { mark: '–', reasons: unasked.map(({ reason }) => reason), problems: [] };
  const reasons = allowed.map(({ reason }) => reason);
  const trial = new Trial(bench, cell);
  try {
    await cell.scenario.run(trial);
  } catch (error) {
    trial.check(
      'run',
      false,
      error instanceof Error ? `${error.message} ${error.stack?.split('\n')[1]}` : String(error),
    );
  }
  const problems = [...wrong(trial, allowed), ...unneeded(trial, allowed)];
  if (problems.length > 0) return { mark: '✗', reasons, problems };
  return { mark: allowed.length === 0 ? '✓' : '~', reasons, problems };
}

/** Failed checks that no exception allows, and losses on the receipt that none explains. */
function wrong({ problems, notes }: Trial, allowed: readonly Exception[]): string[] {
  const failed = problems.filter(({ topic }) => !allowed.some(({ waives = [] }) => waives.includes(topic)));
  const losses = notes
    .filter((note) => !asides.some((aside) => aside.is(note)))
    .filter(({ path }) => !allowed.some(({ note }) => note?.test(path)));
  return [
    ...failed.map(({ topic, what }) => `${topic}: ${what}`),
    ...new Set(losses.map(({ path, action, reason }) => `note: ${path} ${action}: ${reason}`)),
  ];
}

/** An exception must be true: its note is there, and what it waives does fail. */
function unneeded({ problems, notes }: Trial, allowed: readonly Exception[]): string[] {
  return allowed.flatMap(({ note, waives = [], reason }) => [
    ...(note === undefined || notes.some(({ path }) => note.test(path)) ? [] : [`no note on the receipt: ${reason}`]),
    ...waives
      .filter((waived) => !problems.some(({ topic }) => topic === waived))
      .map((waived) => `${waived} holds, but is excused: ${reason}`),
  ]);
}

function applies({ scenarios, clients: from, providers: to, stream }: Exception, cell: Cell): boolean {
  return (
    scenarios.includes(cell.scenario.name) &&
    (from === undefined || from.includes(cell.client.id)) &&
    (to === undefined || to.includes(cell.provider.id)) &&
    (stream === undefined || stream === cell.stream)
  );
}
