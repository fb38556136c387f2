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

/** The taps of a hook in the order in which they run. */
export function tapNames(hook: AnyHook): readonly string[] {
  return hook.taps.map(({ name }: { name: string }) => name);
}
