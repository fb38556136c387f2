import { promisify } from 'node:util';
import {
  type AttemptRecord,
  type ChatRequest,
  type Exchange,
  type ExchangeRecord,
  type Hooks,
  type Principal,
  type Reply,
  type RoutePlan,
  SignalboxError,
  type Target,
  type TransformTap,
} from '@signalbox/kit';
import { AsyncSeriesBailHook, AsyncSeriesHook, AsyncSeriesWaterfallHook, type Hook, SyncHook } from 'tapable';

/** The life of a request, top to bottom, and of a plugin. There are no other hooks. */
export const createHooks = () =>
  Object.freeze({
    auth: new AsyncSeriesBailHook<[Exchange], Principal | undefined>(['exchange'], 'auth'),
    route: new AsyncSeriesWaterfallHook<[RoutePlan | undefined, Exchange]>(['plan', 'exchange'], 'route'),
    transformIn: new AsyncSeriesWaterfallHook<[ChatRequest, Target, Exchange], ChatRequest, TransformTap>(
      ['request', 'target', 'exchange'],
      'transformIn',
    ),
    dispatch: new AsyncSeriesBailHook<[ChatRequest, Target, Exchange], Reply | undefined>(
      ['request', 'target', 'exchange'],
      'dispatch',
    ),
    transformOut: new AsyncSeriesWaterfallHook<[Reply, Exchange]>(['reply', 'exchange'], 'transformOut'),
    log: new SyncHook<[ExchangeRecord]>(['record'], 'log'),
    attempt: new SyncHook<[AttemptRecord, Exchange]>(['record', 'exchange'], 'attempt'),
    ready: new AsyncSeriesHook<[]>([], 'ready'),
    close: new AsyncSeriesHook<[]>([], 'close'),
  });

export type CoreHooks = ReturnType<typeof createHooks>;

// biome-ignore lint/suspicious/noExplicitAny: tapable's hooks are invariant in their arguments, and this reads none.
type AnyHook = Hook<any, any>;
type Tap = (options: string | ({ name: string } & TransformTap), run: (...values: unknown[]) => unknown) => void;

/** What plugins get: the same hooks, with `tap*` and nothing else. An error names the plugin and the hook it came from. */
export function tapOnly(hooks: CoreHooks): Hooks {
  const view = (hook: AnyHook, hookName: string) => {
    const methods: Record<string, Tap> = {};
    for (const method of ['tap', 'tapPromise', 'tapAsync'] as const) {
      const tap = (hook as unknown as Partial<Record<string, Tap>>)[method];
      if (tap === undefined || (method !== 'tap' && hook.constructor === SyncHook)) continue;
      methods[method] = (options, run) => {
        const name = typeof options === 'string' ? options : options.name;
        const called = method === 'tapAsync' ? run : (...values: unknown[]) => attributed(run, values, name, hookName);
        tap.call(hook, options, hookName === 'transformIn' ? onlyWhen(options, called, method) : called);
      };
    }
    return Object.freeze(methods);
  };
  const entries = Object.entries(hooks).map(([name, hook]) => [name, view(hook, name)]);
  return Object.freeze(Object.fromEntries(entries)) as Hooks;
}

/** A tap that has nothing to do hands on what it got. */
function onlyWhen(
  options: string | TransformTap,
  run: (...values: unknown[]) => unknown,
  method: string,
): (...values: unknown[]) => unknown {
  const when = typeof options === 'string' ? undefined : options.when;
  if (when === undefined) return run;
  return (request, target, exchange, done) => {
    if (when(target as Target, exchange as Exchange)) return run(request, target, exchange, done);
    if (method === 'tapAsync') return (done as (error: null, request: unknown) => void)(null, request);
    return method === 'tap' ? request : Promise.resolve(request);
  };
}

/** Whether any tap wants to see this request. */
export function wantsTransform({ transformIn }: CoreHooks, target: Target, exchange: Exchange): boolean {
  for (const { when } of transformIn.taps as readonly TransformTap[]) {
    if (when === undefined || when(target, exchange)) return true;
  }
  return false;
}

/** The request as the taps make it for this target; `undefined` where they leave it alone, which may be undecoded. */
export async function transformedRequest(
  hooks: CoreHooks,
  target: Target,
  exchange: Exchange,
): Promise<ChatRequest | undefined> {
  if (!wantsTransform(hooks, target, exchange)) return undefined;
  const request = await hooks.transformIn.promise(exchange.request, target, exchange);
  return request === exchange.request ? undefined : request;
}

function attributed(run: (...values: unknown[]) => unknown, values: unknown[], plugin: string, hook: string): unknown {
  try {
    const result = run(...values);
    if (!(result instanceof Promise)) return result;
    return result.catch((error: unknown) => {
      throw attribute(error, plugin, hook);
    });
  } catch (error) {
    throw attribute(error, plugin, hook);
  }
}

function attribute(error: unknown, plugin: string, hook: string): SignalboxError {
  const known = SignalboxError.is(error)
    ? error
    : new SignalboxError('PLUGIN_FAILED', `The plugin ${plugin} failed in ${hook}; the log has the reason.`, {
        status: 500,
        cause: error,
      });
  known.plugin ??= plugin;
  known.hook ??= hook;
  return known;
}

/** Tells all who only watch. One that fails keeps nobody else from hearing it and fails no request. */
export function tellAll<T extends readonly unknown[]>(
  { taps }: SyncHook<T>,
  values: T,
  onFailure: (error: unknown) => void,
): void {
  for (const { fn } of taps) tell(fn as (...values: T) => unknown, values, onFailure);
}

/** Tells one who only watches, who may fail at once or later. */
export function tell<T extends readonly unknown[]>(
  watcher: (...values: T) => unknown,
  values: T,
  onFailure: (error: unknown) => void,
): void {
  try {
    const result = watcher(...values);
    if (result instanceof Promise) result.catch(onFailure);
  } catch (error) {
    onFailure(error);
  }
}

/** How long one plugin may take to close. */
const CLOSE_LIMIT_MS = 3_000;

/**
 * Closes all plugins in turn, also those behind one that fails. One that takes longer than `limitMs` is left behind.
 * @throws {SignalboxError} that names the plugins which did not close.
 */
export async function callAll({ taps }: CoreHooks['close'], limitMs = CLOSE_LIMIT_MS): Promise<void> {
  const failures: unknown[] = [];
  for (const { name, type, fn } of taps) {
    let limit: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      limit = setTimeout(() => reject(notClosed(name, limitMs)), limitMs);
    });
    try {
      const closing = type === 'async' ? promisify(fn as (done: (error?: unknown) => void) => void)() : fn();
      await Promise.race([closing, late]);
    } catch (error) {
      failures.push(error);
    }
    clearTimeout(limit);
  }
  if (failures.length > 1) throw severalFailures(failures);
  if (failures.length > 0) throw failures[0];
}

function notClosed(plugin: string, limitMs: number): SignalboxError {
  const error = new SignalboxError(
    'PLUGIN_FAILED',
    `The plugin ${plugin} did not close within ${limitMs} ms: the gateway goes on without it.`,
  );
  return attribute(error, plugin, 'close');
}

function severalFailures(failures: readonly unknown[]): SignalboxError {
  const messages = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)));
  return new SignalboxError('PLUGIN_FAILED', messages.join('\n'), { cause: new AggregateError(failures) });
}

/** The taps of a hook in the order in which they run. */
export function tapNames(hook: AnyHook): readonly string[] {
  return hook.taps.map(({ name }: { name: string }) => name);
}
