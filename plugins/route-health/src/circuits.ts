import {
  type AttemptRecord,
  type Exchange,
  type JsonObject,
  RecentMap,
  type StrategyHost,
  type Target,
} from '@signalbox/kit';
import { Circuit, type CircuitLimits, type CircuitState, type Probe } from './circuit.ts';
import { circuitIds, judge, type Scope, type Verdict } from './verdict.ts';

/** Models come from clients. */
const MAX_CIRCUITS = 2_000;

const SCOPES: readonly Scope[] = ['provider', 'key', 'target'];

/** All circuits. They outlive a reload of the config. */
export type CircuitMap = RecentMap<Circuit>;

export function createCircuits(): CircuitMap {
  return new RecentMap(MAX_CIRCUITS, (circuit) => circuit.state !== 'probing');
}

/** How a target is, by the worst of its circuits. */
export interface TargetHealth {
  readonly state: CircuitState;
  /** In words; empty where it is well. */
  readonly said: string;
}

/** Keeps the circuits of targets, keys and providers, and tells the log what becomes of them. */
export class Circuits {
  readonly #circuits: CircuitMap;
  readonly #limits: CircuitLimits;
  readonly #failures: ReadonlySet<string>;
  readonly #host: Pick<StrategyHost, 'log' | 'keysOf'>;

  constructor(
    circuits: CircuitMap,
    { on, ...limits }: CircuitLimits & { readonly on: readonly string[] },
    host: Pick<StrategyHost, 'log' | 'keysOf'>,
  ) {
    this.#circuits = circuits;
    this.#limits = limits;
    this.#failures = new Set(on);
    this.#host = host;
  }

  of(target: Target): TargetHealth {
    let worst: TargetHealth = { state: 'closed', said: '' };
    for (const { id, circuit } of this.#of(target)) {
      const { state } = circuit;
      if (SEVERITY[state] <= SEVERITY[worst.state]) continue;
      const when = state === 'probing' ? 'it is being tried again' : `for ${seconds(circuit.opensForMs)} s more`;
      worst = { state, said: state === 'due' ? `${id} is tried again` : `${id} rests, ${when} (${circuit.lastCode})` };
    }
    return worst;
  }

  /** Makes a request the probe of all circuits of a target that are open; they all have to be due. */
  probe(target: Target, exchange: Exchange): (attempt: AttemptRecord) => void {
    const probed = this.#of(target).filter(({ circuit }) => circuit.state === 'due');
    const probe = probeOf(target, exchange);
    for (const { circuit } of probed) circuit.beginProbe(probe);
    return (attempt) => {
      const verdicts = this.#judge(attempt, exchange);
      for (const { id, scope, circuit } of probed) {
        if (!circuit.isProbedBy(probe)) continue;
        this.#apply(id, circuit, verdicts[scope], attempt, probe);
        circuit.endProbe(probe);
      }
    };
  }

  /** Learns from a try. That of a probe is told here, too, where it changes nothing any more. */
  learn(attempt: AttemptRecord, exchange: Exchange): void {
    const verdicts = this.#judge(attempt, exchange);
    const ids = circuitIds(this.#withKey(attempt.target));
    for (const scope of SCOPES) {
      const verdict = verdicts[scope];
      if (verdict !== undefined) this.#apply(ids[scope], this.#use(ids[scope]), verdict, attempt);
    }
  }

  /** For `/health`: the circuits that are open, or have failures. */
  health(): JsonObject {
    const health: JsonObject = {};
    for (const [id, circuit] of this.#circuits) {
      this.#settle(id, circuit);
      const { state, failuresInRow, lastCode, opensForMs } = circuit;
      if (state === 'closed' && failuresInRow === 0) continue;
      health[id] = {
        state,
        failuresInRow,
        lastCode,
        ...(state === 'open' ? { retryInSeconds: seconds(opensForMs) } : {}),
      };
    }
    return health;
  }

  /** What becomes of a caller's own key says nothing about the gateway's. */
  #judge(attempt: AttemptRecord, { principal }: Exchange): Readonly<Record<Scope, Verdict>> {
    const verdicts = judge(attempt, this.#failures);
    return principal?.credential === undefined ? verdicts : { ...verdicts, key: undefined };
  }

  #apply(id: string, circuit: Circuit, verdict: Verdict, attempt: AttemptRecord, probe?: Probe): void {
    if (verdict === undefined) return;
    const { error, startedMs, endedMs } = attempt;
    if (verdict === 'success') {
      const startedAt = performance.now() - (endedMs - startedMs);
      if (circuit.succeed(startedAt, this.#limits)) this.#tellClosed(id);
      return;
    }
    const code = error?.code ?? '';
    const openMs = circuit.fail(code, (error?.retryAfterSeconds ?? 0) * 1_000, this.#limits, probe);
    if (openMs === undefined) return;
    const fails = probe === undefined ? 'fails' : 'still fails';
    this.#host.log.warn({ circuit: id, code, openMs: Math.round(openMs) }, `${id} ${fails} and is left alone`);
  }

  #settle(id: string, circuit: Circuit): void {
    if (circuit.settle()) this.#tellClosed(id);
  }

  #tellClosed(id: string): void {
    this.#host.log.info({ circuit: id }, `${id} answers again`);
  }

  /** The circuits that there are, looked after. */
  #of(target: Target): readonly { readonly id: string; readonly scope: Scope; readonly circuit: Circuit }[] {
    const ids = circuitIds(this.#withKey(target));
    return SCOPES.flatMap((scope) => {
      const id = ids[scope];
      const circuit = this.#circuits.get(id);
      if (circuit === undefined) return [];
      this.#settle(id, circuit);
      return [{ id, scope, circuit }];
    });
  }

  #use(id: string): Circuit {
    let circuit = this.#circuits.get(id);
    if (circuit === undefined) {
      circuit = new Circuit();
      this.#circuits.set(id, circuit);
    }
    return circuit;
  }

  /** A target without a key has its provider's first one. */
  #withKey(target: Target): Target {
    if (target.key !== undefined) return target;
    const [key] = this.#host.keysOf(target.provider);
    return key === undefined ? target : { ...target, key };
  }
}

const SEVERITY: Readonly<Record<CircuitState, number>> = { closed: 0, due: 1, probing: 2, open: 3 };

function probeOf(target: Target, exchange: Exchange): Probe {
  // The lane is known from the first content on; here it can only be that of an earlier part of the answer.
  const isFirst = exchange.lane === undefined;
  return { hasAnswered: () => isFirst && exchange.lane !== undefined && exchange.target === target };
}

function seconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}
