import { configOf, createGeneration } from '@signalbox/core';
import { definePlugin, type ExchangeRecord, type JsonObject, type Plugin, type RoutePlan } from '@signalbox/kit';
import { startServer } from '@signalbox/server';
import { type RecordedRequest, type ScriptedProvider, startScriptedProvider } from '@signalbox/testkit';
import { type ClientKind, clients } from './clients.ts';
import { type Expected, type Fault, faults, respondWith, turnOf, USAGE, WORDS } from './faults.ts';
import { formats } from './formats.ts';
import { type ProviderKind, providers } from './providers.ts';

/** One request of one client to one provider with one fault. */
export interface Cell {
  readonly fault: Fault;
  readonly client: ClientKind;
  readonly provider: ProviderKind;
  readonly stream: boolean;
  readonly fallback: boolean;
}

export interface Wall {
  /** Runs one cell. @returns what is wrong with what came of it; empty where nothing is. */
  run(cell: Cell): Promise<readonly string[]>;
  close(): Promise<void>;
}

export const TIMEOUTS: JsonObject = {
  connectMs: 1_000,
  headersMs: 400,
  firstEventMs: 400,
  idleMs: 400,
  totalMs: 5_000,
};
/** All timers, twice where a target is tried again, and a fallback; slow machines need the rest. */
const BOUND_MS = 6_000;

/** Every cell of the wall, fault by fault. */
export function cells(): readonly Cell[] {
  return faults.flatMap((fault) =>
    clients.flatMap((client) =>
      providers.flatMap((provider) =>
        [false, true].flatMap((stream) =>
          [false, true].map((fallback) => ({ fault, client, provider, stream, fallback })),
        ),
      ),
    ),
  );
}

/** A gateway on a socket in front of a scripted server that is every provider. Cells may run at the same time. */
export async function startWall(): Promise<Wall> {
  const scripted = await startScriptedProvider();
  const records = new Map<string, ExchangeRecord[]>();
  const plans = new Map<string, readonly string[]>();
  const routes = definePlugin({
    name: 'wall',
    apply({ hooks }) {
      hooks.route.tap('wall', (_plan, { model }): RoutePlan => {
        const targets = (plans.get(model) ?? []).map((provider, index) => ({ provider, model: `${model}-${index}` }));
        return { targets, reason: 'the wall', retry: { baseDelayMs: 5 } };
      });
      hooks.log.tap('wall', (record) => {
        records.set(record.model, [...(records.get(record.model) ?? []), record]);
      });
    },
  });
  const entries: (readonly [Plugin, JsonObject?])[] = providers.flatMap((kind) => [
    kind.plugin(kind.id, scripted.url, TIMEOUTS),
    // Finding out that there is no such name may take a while.
    kind.plugin(`${kind.id}.dns`, 'http://provider.invalid', { ...TIMEOUTS, connectMs: 2_000, headersMs: 3_000 }),
    kind.plugin(`${kind.id}.refused`, 'http://127.0.0.1:1', TIMEOUTS),
  ]);
  const config = configOf([...formats.map((format): [Plugin] => [format]), ...entries, [routes]], {
    server: { port: 0, keepAliveMs: 100 },
  });
  const gateway = await startServer(await createGeneration(config), { version: '0.0.0-wall' });
  let number = 0;
  return {
    run: async (cell) => {
      const name = `cell${++number}x`;
      plans.set(name, targetsOf(cell));
      script(scripted, cell, name);
      const began = performance.now();
      const seen = await ask(gateway.url, cell, name);
      const ms = performance.now() - began;
      const [record, second] = await recordsOf(records, name);
      return judge(cell, {
        ...seen,
        ms,
        calls: scripted.requests.filter((request) => isFor(request, `${name}-0`)).length,
        fallbackCalls: scripted.requests.filter((request) => isFor(request, `${name}-1`)).length,
        record,
        records: record === undefined ? 0 : second === undefined ? 1 : 2,
      });
    },
    close: async () => {
      await gateway.close(0);
      await scripted.close();
    },
  };
}

/** A fallback speaks another format than the first target. */
export function otherThan(kind: ProviderKind): ProviderKind {
  return providers[(providers.indexOf(kind) + 1) % providers.length] ?? kind;
}

/** The providers of a cell's plan, by name. */
export function targetsOf({ fault: { respond }, provider, fallback }: Cell): readonly string[] {
  const first = typeof respond === 'string' ? `${provider.id}.${respond}` : provider.id;
  return fallback ? [first, otherThan(provider).id] : [first];
}

function script(scripted: ScriptedProvider, { fault, provider, stream }: Cell, name: string): void {
  if (typeof fault.respond === 'function') {
    scripted.on((request) => isFor(request, `${name}-0`), fault.respond(provider, stream));
  }
  const other = otherThan(provider);
  scripted.on((request) => isFor(request, `${name}-1`), respondWith(other, other.answer(turnOf('beta')), stream));
}

function isFor({ body, path }: RecordedRequest, model: string): boolean {
  return body?.model === model || decodeURIComponent(path).includes(`/${model}:`);
}

export interface Seen {
  readonly status: number;
  readonly raw: string;
}

/** Asks as the cell's client does. @returns what came back, also where that is nothing. */
export async function ask(url: string, { client, stream }: Cell, name: string, signal?: AbortSignal): Promise<Seen> {
  try {
    const answer = await fetch(url + client.path(stream).replace('asked-for', name), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...client.headers },
      body: JSON.stringify(client.body(stream)).replace('asked-for', name),
      signal: signal ?? AbortSignal.timeout(2 * BOUND_MS),
    });
    return { status: answer.status, raw: await answer.text() };
  } catch (error) {
    return { status: 0, raw: `no answer: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** A record is written when the last byte is out, which the client may read before. */
async function recordsOf(records: Map<string, ExchangeRecord[]>, name: string): Promise<readonly ExchangeRecord[]> {
  for (let tries = 0; tries < 100 && !records.has(name); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return records.get(name) ?? [];
}

export interface Result extends Seen {
  readonly ms: number;
  /** Of each target; `undefined` where nobody counted. */
  readonly calls?: number;
  readonly fallbackCalls?: number;
  readonly record: ExchangeRecord | undefined;
  readonly records: number;
}

/** @returns what is wrong with what became of a cell's request. */
export function judge({ fault: { expected }, client, stream, fallback }: Cell, result: Result): readonly string[] {
  const problems: string[] = [];
  const check = (holds: boolean, what: string): void => {
    if (!holds) problems.push(what);
  };
  const { status, raw, ms, calls, fallbackCalls, record, records } = result;
  const error = record?.error;
  const breaks = expected.outcome === 'broken' && stream;
  const saved = fallback && expected.outcome !== 'answer' && !breaks && expected.movesOn === true;
  const answered = expected.outcome === 'answer' || saved;
  const words = client.visible(raw).match(/(?:alpha|beta)\d/g) ?? [];
  const speaker = saved ? 'beta' : 'alpha';

  check(ms < BOUND_MS, `took ${Math.round(ms)} ms`);
  check(records === 1, `${records} records`);
  const wanted = (stream ? undefined : expected.wholeCalls) ?? expected.calls;
  const [min, max] = typeof wanted === 'number' ? [wanted, wanted] : wanted;
  check(
    calls === undefined || (calls >= min && calls <= max),
    `${calls} calls instead of ${min === max ? min : `${min} to ${max}`}`,
  );
  check(fallbackCalls === undefined || fallbackCalls === (saved ? 1 : 0), `${fallbackCalls} calls of the fallback`);
  const expectedWords = answered ? WORDS : breaks ? undefined : 0;
  if (expectedWords !== undefined) check(words.length === expectedWords, `${words.length} words of ${expectedWords}`);
  check(
    words.every((word, index) => word === `${speaker}${index}`),
    `words out of order, or twice: ${words.join(' ')}`,
  );
  if (answered) {
    check(status === 200, `status ${status}`);
    check(client.success.test(raw), 'no mark of success');
    check(!client.error.test(raw), 'an error beside the answer');
    check(error === undefined, `recorded as ${error?.code}`);
    check(record?.attempts.at(-1)?.outcome === 'answered', 'the last attempt is not on record as answered');
    checkUsage(expected, saved, record, check);
    return problems;
  }
  check(!client.success.test(raw), 'a mark of success on a failure');
  check(client.error.test(raw), `no error in the client’s format: ${raw.slice(-200)}`);
  check(error !== undefined, 'no error on record');
  if (expected.code !== undefined)
    check(error?.code === expected.code, `code ${error?.code} instead of ${expected.code}`);
  const last = record?.attempts.at(-1)?.outcome;
  if (breaks) {
    check(status === 200, `status ${status} of a stream that had begun`);
    check(words.length > 0 && words.length <= WORDS, `${words.length} words before the break`);
    check(last === 'cut', `the attempt is on record as ${last}`);
  } else {
    check(status >= 400, `status ${status} for a failure`);
    if (expected.status !== undefined)
      check(status === expected.status, `status ${status} instead of ${expected.status}`);
    check(last === 'failed', `the attempt is on record as ${last}`);
  }
  return problems;
}

function checkUsage(
  expected: Expected,
  saved: boolean,
  record: ExchangeRecord | undefined,
  check: (holds: boolean, what: string) => void,
): void {
  const { promptTokens, completionTokens } = record?.usage ?? {};
  if (expected.usage === 'none' && !saved) {
    check(promptTokens === undefined && completionTokens === undefined, 'usage that nobody reported');
    return;
  }
  check(promptTokens === USAGE.promptTokens, `${promptTokens} prompt tokens on record`);
  check(completionTokens === USAGE.completionTokens, `${completionTokens} completion tokens on record`);
}
