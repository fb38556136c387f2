import { setImmediate as nextTurn } from 'node:timers/promises';
import type { JsonValue } from '@signalbox/kit';
import { nastyValue } from './nasty.ts';
import type { Random } from './random.ts';

/** What a plugin does in the place of its work. */
export type Misdeed = () => unknown;

const unreadable = (): object =>
  new Proxy(
    {},
    {
      get: () => {
        throw new TypeError('nobody may look at this');
      },
      has: () => {
        throw new TypeError('nobody may ask about this');
      },
    },
  );

/** Nothing of these is what anybody asked for. */
const RUBBISH: readonly (() => unknown)[] = [
  ...[null, 0, Number.NaN, '', 'text', true, false, 1n, Symbol('s'), () => undefined].map((value) => () => value),
  ...[() => [], () => ({}), () => [null], () => new Date(), () => new Map(), () => new Error('given, not thrown')],
  ...[unreadable, () => Object.create(null) as object],
  // Plans, replies, endpoints and principals, nearly.
  ...[{ targets: [null] }, { targets: 'a/b' }, { targets: [{}], reason: 1 }, { targets: ['a'], reason: '' }],
  ...[{ id: null }, { url: 'no url', headers: {} }, { url: 'http://127.0.0.1:1', headers: { 'bad name': 'v' } }],
  ...[
    { url: 'file:///etc/passwd', headers: {} },
    { url: 'http://127.0.0.1:1', headers: { a: 'b\r\nc: d', e: 1 } },
  ],
  ...[{ kind: 'whole' }, { kind: 'stream' }, { kind: 'whole', message: {} }, { kind: 'stream', events: 7 }],
  { kind: 'whole', message: { content: [null], stopReason: 'none' } },
  ...['a', null, undefined, [], [null], [{}], [{ type: 'text-delta' }], [{ type: 'message-end' }]].map(
    (batch) => () => ({ kind: 'stream', events: yielding(batch) }),
  ),
  () => ({ kind: 'stream', events: yielding([{ type: 'message-start' }], new TypeError('in the middle')) }),
].map((one) => (typeof one === 'function' ? one : () => one));

const THROWN: readonly (() => unknown)[] = [
  ...[() => new TypeError('a slip'), () => new Error(''), () => undefined, () => null, () => 'text', () => ({})],
  ...[
    () => Symbol('s'),
    () => Object.create(null) as object,
    () => Object.freeze(new Error('frozen')),
    () => new AggregateError([], 'many'),
  ],
];

async function* yielding(batch: unknown, then?: Error): AsyncGenerator<unknown> {
  yield batch;
  if (then !== undefined) throw then;
}

/** It throws, or gives what nobody can use; where `isAsync`, at once or later. */
export function anyMisdeed(random: Random, isAsync: boolean): Misdeed {
  const thrown = random.pick(THROWN);
  const nasty: JsonValue = nastyValue(random);
  const rubbish = random.chance(0.7) ? random.pick(RUBBISH) : () => nasty;
  const throws = random.chance(0.4);
  const misdeed = (): unknown => {
    if (throws) throw thrown();
    return rubbish();
  };
  if (!isAsync || random.chance(0.5)) return misdeed;
  return async () => {
    await nextTurn();
    return misdeed();
  };
}
