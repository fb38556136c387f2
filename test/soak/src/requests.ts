import { type ExchangeRecord, parseTarget, type Target } from '@signalbox/kit';
import { ask, type Cell, clients, faults, judge, providers, QUESTION, targetsOf } from '@signalbox/test-faults';
import type { Ledger } from './ledger.ts';
import { mixedName, modelName, type Size } from './model-name.ts';

const ABORTED_SHARE = 0.15;
const FAULTY_SHARE = 0.4;
const LONG_SHARE = 0.03;
const BIG_SHARE = 0.02;
const BIG = 'x'.repeat(2 ** 20);
const WORDS = 6;

interface Sent {
  readonly model: string;
  readonly cell: Cell;
  readonly targets: readonly Target[];
  readonly size: Size;
}

interface Came {
  readonly status: number;
  readonly raw: string;
  readonly ms: number;
  readonly record: ExchangeRecord | undefined;
}

/** One request to the wall, of which it is known beforehand what becomes of it. */
export async function wallRequest(url: string, ledger: Ledger, random: () => number, id: string): Promise<void> {
  const dice = random();
  const size = dice < LONG_SHARE ? 'long' : dice < LONG_SHARE + BIG_SHARE ? 'big' : 'usual';
  const fault = size === 'usual' && random() < FAULTY_SHARE ? pick(faults, random) : 0;
  const { only } = faults[fault] ?? {};
  const provider = only === undefined ? pick(providers, random) : providers.indexOf(only);
  const cell = cellOf(fault, provider, size === 'long' || random() < 0.6, random);
  const model = modelName({ id, fault, provider, stream: cell.stream, size });
  const targets = targetsOf(cell).map((name, index) => ({ provider: name, model: `${model}-${index}` }));
  const came = await send(url, ledger, { model, cell, targets, size }, random);
  if (came === undefined) return;
  const records = came.record === undefined ? 0 : 1;
  for (const problem of judge(cell, { ...came, records })) {
    ledger.problem(`${cell.fault.name}, ${cell.client.id} to ${cell.provider.id}, ${model}: ${problem}`);
  }
}

/** One request to the strategies: who answers is theirs to say, but it is a whole answer or an error, and says which. */
export async function mixedRequest(url: string, ledger: Ledger, random: () => number, id: string): Promise<void> {
  const provider = pick(providers, random);
  const cell = cellOf(0, provider, random() < 0.6, random);
  const { client, stream } = cell;
  const target = parseTarget(`${cell.provider.id}/${mixedName(provider, stream)}`);
  const targets = target === undefined ? [] : [target];
  const size = random() < BIG_SHARE ? 'big' : 'usual';
  const came = await send(url, ledger, { model: `mixed${id}x`, cell, targets, size }, random);
  if (came === undefined) return;
  const { status, raw, record } = came;
  const words = client.visible(raw).match(/alpha\d/g) ?? [];
  const isAnswer = status === 200 && client.success.test(raw);
  const wrong = [
    record === undefined ? 'no record' : '',
    isAnswer === client.error.test(raw) ? `neither an answer nor an error, or both: ${status} ${raw.slice(-200)}` : '',
    isAnswer && words.length !== WORDS ? `${words.length} words` : '',
    words.every((word, index) => word === `alpha${index}`) ? '' : `words out of order, or twice: ${words.join(' ')}`,
    record !== undefined && isAnswer !== (record.error === undefined) ? `recorded as ${record.error?.code}` : '',
  ].filter((one) => one !== '');
  for (const one of wrong) ledger.problem(`strategies, ${client.id} to ${cell.provider.id}, ${id}: ${one}`);
}

/** @returns what came of a request; `undefined` where its client has left. */
async function send(
  url: string,
  ledger: Ledger,
  { model, cell, targets, size }: Sent,
  random: () => number,
): Promise<Came | undefined> {
  const recorded = ledger.expect(model, targets);
  const controller = new AbortController();
  const leaving =
    random() < ABORTED_SHARE
      ? setTimeout(() => controller.abort(), random() * (size === 'usual' ? 40 : 2_000))
      : undefined;
  const began = performance.now();
  const seen = await ask(url, size === 'big' ? withBigQuestion(cell) : cell, model, controller.signal);
  const ms = performance.now() - began;
  clearTimeout(leaving);
  if (controller.signal.aborted) {
    ledger.aborted++;
    ledger.forget(model);
    return undefined;
  }
  return { ...seen, ms, record: await ledger.within(recorded) };
}

function cellOf(fault: number, provider: number, stream: boolean, random: () => number): Cell {
  const cell = {
    fault: faults[fault],
    client: clients[pick(clients, random)],
    provider: providers[provider],
    stream,
    fallback: random() < 0.5,
  };
  return cell as Cell;
}

function withBigQuestion(cell: Cell): Cell {
  const { client } = cell;
  const grown = (stream: boolean): object =>
    JSON.parse(JSON.stringify(client.body(stream)).replace(QUESTION, `${QUESTION} ${BIG}`));
  return { ...cell, client: { ...client, body: grown } };
}

function pick(list: readonly unknown[], random: () => number): number {
  return Math.floor(random() * list.length);
}
