import type { ModelInfo, PluginHost } from '@signalbox/kit';
import { type FetchedList, type FetchedLists, writeCache } from './cache-file.ts';
import { decodeModels, MalformedList } from './decode.ts';

const HOUR_MS = 3_600_000;
/** Commands that only look at a config are done before; the start waits for nothing. */
const FIRST_AFTER_MS = 1_000;
/** For how long a list is held against one that has less than half of its models. */
const TRUSTED_MS = 7 * 24 * HOUR_MS;

interface RefreshOptions {
  readonly host: Pick<PluginHost, 'listingProviders' | 'fetchModels' | 'log'>;
  readonly file: string;
  /** 0: never by itself. */
  readonly hours: number;
  /** What is known at the start. */
  readonly lists: FetchedLists;
  /** Called every time, with what is known now. */
  readonly done: (lists: FetchedLists) => void;
}

/** Asks the providers for their lists, from time to time. A bad answer changes nothing. */
export class Refresh {
  readonly #options: RefreshOptions;
  readonly #everyMs: number;
  #lists: FetchedLists;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: RefreshOptions) {
    this.#options = options;
    this.#everyMs = options.hours * HOUR_MS;
    this.#lists = options.lists;
  }

  start(): void {
    if (this.#everyMs > 0) this.#schedule(FIRST_AFTER_MS);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** Asks the providers whose list is too old, or all of them. Never fails: what goes wrong is logged. */
  async run({ all = false }: { readonly all?: boolean } = {}): Promise<void> {
    const { host, file, done } = this.#options;
    const names = host.listingProviders().filter((name) => all || this.#isDue(name));
    const problems: Record<string, string> = {};
    const fetched = new Map<string, FetchedList>();
    await Promise.all(
      names.map(async (name) => {
        try {
          fetched.set(name, this.#accept(name, await host.fetchModels(name)));
        } catch (error) {
          problems[name] = error instanceof Error ? error.message : String(error);
        }
      }),
    );
    // What a stopping gateway no longer hears is nobody's fault.
    if (this.#closed) return;
    const lists = new Map([...this.#lists, ...fetched]);
    try {
      done(lists);
      this.#lists = lists;
    } catch (error) {
      // The shipped catalogue is read with it, and may be gone while the gateway is being updated.
      fetched.clear();
      problems.catalogue = error instanceof Error ? error.message : String(error);
    }
    if (fetched.size > 0) {
      await writeCache(file, fetched).catch((error: Error) => {
        problems[file] = error.message;
      });
    }
    if (Object.keys(problems).length > 0) {
      host.log.warn({ problems }, 'not all lists of models could be renewed: what was known of the others stands');
    }
  }

  #schedule(afterMs: number): void {
    this.#timer = setTimeout(() => {
      this.#schedule(this.#everyMs);
      void this.run();
    }, afterMs).unref();
  }

  #isDue(name: string): boolean {
    const list = this.#lists.get(name);
    // Half a minute of grace: the timer must not miss a list by the time that its answer took.
    return list === undefined || ageOf(list) > this.#everyMs - 30_000;
  }

  #accept(name: string, answer: readonly ModelInfo[]): FetchedList {
    const models = decodeModels(answer);
    if (models.length === 0) throw new MalformedList('the list is empty');
    const known = this.#lists.get(name);
    const trusted = known !== undefined && ageOf(known) < TRUSTED_MS;
    if (trusted && models.length * 2 < known.models.length) {
      throw new MalformedList(`the list has ${models.length} models where it had ${known.models.length}`);
    }
    return { fetchedAt: new Date(), models };
  }
}

/** A list of the future was written by a clock that was wrong: nobody knows how old it is. */
function ageOf({ fetchedAt }: FetchedList): number {
  const ageMs = Date.now() - fetchedAt.getTime();
  return ageMs < 0 ? Infinity : ageMs;
}
