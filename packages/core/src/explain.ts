import { setImmediate } from 'node:timers/promises';
import {
  costOf,
  countsTokens,
  type ErrorInfo,
  errors,
  type FidelityNote,
  formatTarget,
  isLocalProvider,
  type JsonObject,
  type Lane,
  type ModelInfo,
  type RoutePlan,
  SignalboxError,
  type Target,
} from '@signalbox/kit';
import { prepareCall } from './dispatch/call-provider.ts';
import { CallState, TargetState } from './dispatch/provider-call.ts';
import { isCredentialHeader } from './dispatch/read-failure.ts';
import type { ExchangeState } from './exchange.ts';
import type { Generation } from './generation.ts';
import { transformedRequest } from './hooks.ts';
import { route } from './pipeline.ts';

/** What the gateway would do with a request, found out without calling a provider. JSON, without secrets. */
export interface Explanation {
  readonly format: string;
  readonly operation: string;
  readonly model: string;
  readonly stream: boolean;
  /** An estimate; `undefined` where the request cannot be decoded. */
  readonly promptTokens?: number;
  /** What each strategy said, in the order in which they were asked. */
  readonly routing: readonly {
    readonly strategy: string;
    readonly said: string | null;
    readonly targets?: readonly string[];
  }[];
  readonly route?: Pick<RoutePlan, 'reason' | 'scenario' | 'retry' | 'moveOn' | 'hedge' | 'onCut'>;
  /** In the order in which they would be tried. */
  readonly targets: readonly ExplainedTarget[];
  /** Why the request would be refused before any target is tried. */
  readonly error?: ErrorInfo;
}

export interface ExplainedTarget {
  readonly target: string;
  readonly key?: string;
  readonly lane?: Lane;
  readonly contextTokens?: number;
  /** In USD, without any cache: the prompt, and every thousand tokens of the answer. */
  readonly cost?: { readonly prompt?: number; readonly perThousandOutputTokens?: number };
  readonly notes: readonly FidelityNote[];
  readonly upstream?: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    /** Left out behind the first target where the bodies together are large; ask for such a target by its name. */
    readonly body?: JsonObject;
    readonly bodyBytes: number;
  };
  /** Why this target would be passed over, or would end the request. */
  readonly error?: ErrorInfo;
}

/** What the bodies together may be where more than one is shown. */
const MAX_SHOWN_BYTES = 1024 * 1024;

/** Routes a request and prepares its calls, and sends none of them. The caller has been admitted already. */
export async function explain(generation: Generation, exchange: ExchangeState): Promise<Explanation> {
  let error: ErrorInfo | undefined;
  try {
    await route(generation, exchange);
  } catch (failure) {
    error = SignalboxError.from(failure).info();
  }
  const promptTokens = estimateOf(exchange);
  const { plan } = exchange;
  const targets: ExplainedTarget[] = [];
  let shownBytes = 0;
  for (const target of plan?.targets ?? []) {
    const explained = await explainTarget(generation, exchange.fork(), target, promptTokens, (bytes) => {
      const shows = shownBytes === 0 || shownBytes + bytes <= MAX_SHOWN_BYTES;
      if (shows) shownBytes += bytes;
      return shows;
    });
    targets.push(explained);
    // A large request takes a while: others have their turn in between.
    await setImmediate();
  }
  return {
    format: exchange.format,
    operation: exchange.operation,
    model: exchange.model,
    stream: exchange.stream,
    ...(promptTokens === undefined ? {} : { promptTokens }),
    routing: exchange.routing.map(({ strategy, said, targets: then }) => ({
      strategy,
      said: said ?? null,
      ...(then === undefined ? {} : { targets: then.map(formatTarget) }),
    })),
    ...(plan === undefined ? {} : { route: policyOf(plan) }),
    targets,
    ...(error === undefined ? {} : { error }),
  };
}

/** `undefined` for what cannot be decoded: it may pass through all the same. */
function estimateOf(exchange: ExchangeState): number | undefined {
  try {
    return exchange.estimatePromptTokens();
  } catch (failure) {
    if (!SignalboxError.is(failure)) throw failure;
    return undefined;
  }
}

function policyOf({
  targets: _targets,
  admit: _admit,
  named: _named,
  drawn: _drawn,
  chosen: _chosen,
  ...policy
}: RoutePlan): NonNullable<Explanation['route']> {
  return policy;
}

async function explainTarget(
  { hooks, providers, modelInfo }: Generation,
  fork: ExchangeState,
  target: Target,
  promptTokens: number | undefined,
  shows: (bodyBytes: number) => boolean,
): Promise<ExplainedTarget> {
  const model = modelInfo(target);
  const known = {
    target: formatTarget(target),
    ...(target.key === undefined ? {} : { key: target.key }),
    ...(model?.contextTokens === undefined ? {} : { contextTokens: model.contextTokens }),
    ...costs(model, promptTokens),
  };
  fork.target = target;
  try {
    const entry = providers.get(target.provider);
    if (entry === undefined) throw errors.noRoute(`No provider is called "${target.provider}".`);
    const changed = await transformedRequest(hooks, target, fork);
    const call = new CallState(target, fork, changed);
    // What the gateway counts itself is sent nowhere.
    if (isLocalProvider(entry.provider) || (fork.operation === 'count-tokens' && !countsTokens(entry.provider, call))) {
      return { ...known, lane: 'local', notes: fork.allNotes };
    }
    const context = new TargetState(target.model, entry.provider, fork);
    const { url, headers, body } = prepareCall(entry.provider, call, context, changed === undefined, fork);
    const bodyBytes = Buffer.byteLength(body ?? '');
    return {
      ...known,
      lane: call.lane,
      notes: fork.allNotes,
      upstream: {
        url,
        headers: masked(headers),
        ...(shows(bodyBytes) ? { body: JSON.parse(String(body)) as JsonObject } : {}),
        bodyBytes,
      },
    };
  } catch (failure) {
    return { ...known, notes: fork.allNotes, error: SignalboxError.from(failure).info() };
  }
}

function costs(model: ModelInfo | undefined, promptTokens: number | undefined): Pick<ExplainedTarget, 'cost'> {
  if (model?.prices === undefined || promptTokens === undefined) return {};
  const prompt = costOf({ promptTokens, completionTokens: 0 }, model.prices);
  const withAnswer = costOf({ promptTokens, completionTokens: 1_000 }, model.prices);
  return {
    cost: {
      ...(prompt === undefined ? {} : { prompt }),
      ...(prompt === undefined || withAnswer === undefined ? {} : { perThousandOutputTokens: withAnswer - prompt }),
    },
  };
}

function masked(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, isCredentialHeader(name) ? '[key]' : value]),
  );
}
