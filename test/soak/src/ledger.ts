import { setTimeout as sleep } from 'node:timers/promises';
import { definePlugin, type ExchangeRecord, type Plugin, type Target } from '@signalbox/kit';

const MAX_PROBLEMS = 50;
/** Longer than anything takes that ends, on whatever machine. */
const BOUND_MS = 60_000;
/** Ends of tries whose request may not have reached the provider. */
const ON_THE_WAY = new Set(['CONNECT_TIMEOUT', 'HEADERS_TIMEOUT', 'TOTAL_TIMEOUT']);

/** What was asked for, and what the gateways say about it. */
export class Ledger {
  aborted = 0;
  /** Calls of providers that are on record. */
  calls = 0;
  /** Tries that may have ended before the provider was called: Ollama is asked about the model first. */
  unsure = 0;
  readonly problems: string[] = [];
  /** How many tries there were of each kind that only a strategy makes. */
  readonly seen = { fallback: 0, hedge: 0, otherKey: 0, leftAlone: 0, overLimit: 0 };
  readonly #targets = new Map<string, readonly Target[]>();
  readonly #waiting = new Map<string, (record: ExchangeRecord) => void>();
  /** Those on record since all were settled; without what was left before its model was known. */
  readonly #recorded = new Set<string>();
  /** Requests that the gateways have heard of, and those of them that are on record. */
  #heard = 0;
  #ended = 0;

  /** A request that is about to be sent, under a name that is only its own. @returns its record, once there is one. */
  expect(model: string, targets: readonly Target[]): Promise<ExchangeRecord> {
    this.#targets.set(model, targets);
    return new Promise((resolve) => this.#waiting.set(model, resolve));
  }

  targetsOf(model: string): readonly Target[] {
    return this.#targets.get(model) ?? [];
  }

  /** Its client waits for nothing more. Whether it is on record is seen in the end. */
  forget(model: string): void {
    this.#waiting.delete(model);
  }

  /** Waits for a record that has to come. */
  async within(record: Promise<ExchangeRecord>): Promise<ExchangeRecord | undefined> {
    const bound = new AbortController();
    const given = await Promise.race([
      record,
      sleep(BOUND_MS, undefined, { signal: bound.signal }).catch(() => undefined),
    ]);
    bound.abort();
    return given;
  }

  /** Waits until every request that a gateway has heard of is on record. */
  async settled(): Promise<void> {
    const givenUpAt = performance.now() + BOUND_MS;
    while (this.#heard !== this.#ended && performance.now() < givenUpAt) await sleep(5);
    if (this.#heard !== this.#ended)
      this.problem(`${this.#heard} requests were heard, and ${this.#ended} are on record`);
    this.#recorded.clear();
    this.#targets.clear();
    this.#waiting.clear();
  }

  /** What tells this ledger of a gateway's requests. */
  plugin(): Plugin {
    return definePlugin({
      name: 'ledger',
      apply: ({ hooks }) => {
        // Before the body is read: also what is left in the middle of it is heard of.
        hooks.auth.tap('ledger', () => {
          this.#heard++;
          return { id: 'soak' };
        });
        hooks.log.tap('ledger', (record) => this.#add(record));
      },
    });
  }

  readonly problem = (problem: unknown): void => {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push(String(problem));
  };

  #add(record: ExchangeRecord): void {
    const { model, status, aborted } = record;
    this.#ended++;
    if (this.#recorded.has(model)) this.problem(`${model}: on record twice`);
    if (/\d/.test(model)) this.#recorded.add(model);
    if (!aborted && status < 200) this.problem(`${model}: on record with status ${status}`);
    const [first] = record.attempts;
    for (const attempt of record.attempts) {
      const { target, outcome, error } = attempt;
      if (attempt.as === 'hedge') this.seen.hedge++;
      else if (target.provider !== first?.target.provider) this.seen.fallback++;
      if (target.key !== undefined && !target.key.endsWith('1')) this.seen.otherKey++;
      if (outcome === 'skipped' && error?.code === 'RATE_LIMITED') this.seen.overLimit++;
      if (record.route?.includes(' rests,') === true) this.seen.leftAlone++;
      if (outcome === 'skipped' || /\.(dns|refused)$/.test(target.provider)) continue;
      if (outcome === 'aborted' || ON_THE_WAY.has(error?.code ?? '')) this.unsure++;
      else this.calls++;
    }
    const resolve = this.#waiting.get(model);
    this.#waiting.delete(model);
    this.#targets.delete(model);
    resolve?.(record);
  }
}
