import { type AttemptRecord, formatTarget, type JsonObject, type StrategyHost, type Target } from '@signalbox/kit';
import type { BalanceConfig, Policy } from './config.ts';
import { Cooldowns, type CooldownTimes, defaultCooldown, keyId } from './cooldowns.ts';
import type { Group } from './groups.ts';
import { LoadBook } from './load-book.ts';
import { rank } from './rank.ts';
import { SmoothWheel } from './smooth-wheel.ts';

/** What is known of targets and keys. It outlives a reload of the config. */
export interface BalanceState {
  readonly loads: LoadBook;
  readonly cooldowns: Cooldowns;
  /** By group and by provider. */
  readonly wheels: Map<string, SmoothWheel>;
}

export function createState(): BalanceState {
  return { loads: new LoadBook(), cooldowns: new Cooldowns(), wheels: new Map() };
}

/** Who asks, and whether that counts as a turn. */
export interface Asking {
  /** See `Cooldowns`. */
  readonly caller: string;
  readonly commit: boolean;
}

/** Where targets stand after the keys were picked and the cooldowns looked at. */
export interface Spread {
  readonly targets: readonly Target[];
  /** In words, for the reason; empty where nothing has changed. */
  readonly said: readonly string[];
  /** Whether keys were picked. */
  readonly keyed: boolean;
}

/** Puts targets and keys in order by what is known of them. */
export class Balancer {
  readonly #state: BalanceState;
  readonly #keysOf: StrategyHost['keysOf'];
  readonly #keyPolicy: Policy;
  readonly #times: CooldownTimes;

  constructor(
    state: BalanceState,
    { keys, cooldown }: Pick<BalanceConfig, 'keys' | 'cooldown'>,
    host: Pick<StrategyHost, 'keysOf'>,
  ) {
    this.#state = state;
    this.#keysOf = host.keysOf;
    this.#keyPolicy = keys;
    this.#times = { ...defaultCooldown, ...cooldown };
  }

  /** The targets of a group, with `model` for `{model}`: the picked one first, those that rest last. */
  order({ name, members, policy }: Group, model: string, { caller, commit }: Asking): readonly Target[] {
    const candidates = members.map(({ text, weight, targetFor }) => {
      const target = targetFor(model);
      return { name: text, weight, target, loadId: formatTarget(target) };
    });
    const isReady = ({ target }: { target: Target }): boolean =>
      this.#withKeys(target).some((keyed) => this.#state.cooldowns.of(keyed, caller) === undefined);
    const ready = candidates.filter(isReady);
    const resting = candidates.filter((candidate) => !ready.includes(candidate));
    const wheel = this.#wheel(`group ${name}`);
    const { loads } = this.#state;
    const ranked = rank(ready, policy, { wheel, loads, commit });
    return [...ranked, ...resting].map(({ target }) => target);
  }

  /**
   * Gives each target one of its provider's keys. Another one stands right behind it, the rest behind all targets, so
   * that a provider that is down is not asked once per key before another one is. What rests comes last, and of that
   * first what will be back first.
   */
  spread(targets: readonly Target[], { caller, commit }: Asking): Spread {
    const said: string[] = [];
    const near: Target[] = [];
    const far: Target[] = [];
    for (const target of targets) {
      const keyed = this.#withKeys(target);
      if (keyed.length < 2) {
        near.push(...keyed);
        continue;
      }
      const ready = keyed.filter((one) => this.#state.cooldowns.of(one, caller) === undefined);
      const [first, second, ...rest] = this.#rankKeys(target.provider, ready, commit);
      if (first !== undefined) {
        said.push(`key ${first.key} of ${target.provider} (${this.#keyPolicy})`);
        near.push(first);
      }
      if (second !== undefined) near.push(second);
      far.push(...rest, ...keyed.filter((one) => !ready.includes(one)));
    }
    const all = [...near, ...far];
    const ready: Target[] = [];
    const resting: { target: Target; code: string; untilMs: number }[] = [];
    for (const target of all) {
      const cooldown = this.#state.cooldowns.of(target, caller);
      if (cooldown === undefined) ready.push(target);
      else resting.push({ target, ...cooldown });
    }
    resting.sort((a, b) => a.untilMs - b.untilMs);
    const now = performance.now();
    for (const { target, code, untilMs } of resting) {
      said.push(`${nameOf(target)} rests for ${Math.ceil((untilMs - now) / 1_000)} s (${code})`);
    }
    return {
      targets: [...ready, ...resting.map(({ target }) => target)],
      said,
      keyed: all.length > targets.length,
    };
  }

  /** Counts a try until the function it returns is called. */
  start(target: Target): (attempt: AttemptRecord) => void {
    return this.#state.loads.start([formatTarget(target), ...(target.key === undefined ? [] : [keyId(target)])]);
  }

  learn(attempt: AttemptRecord, caller: string): void {
    const { target } = attempt;
    // Without a name it was the first key.
    const [first = target] = this.#withKeys(target);
    this.#state.cooldowns.learn(attempt, first, caller, this.#times);
  }

  /** Forgets the turns of groups and providers that are configured no longer. */
  prune(groups: readonly Group[], hasProvider: StrategyHost['hasProvider']): void {
    const members = new Map(groups.map((group) => [`group ${group.name}`, group.members]));
    for (const [name, wheel] of this.#state.wheels) {
      const known = members.get(name);
      if (known !== undefined) wheel.keep(new Set(known.map(({ text }) => text)));
      else if (!name.startsWith('keys ') || !hasProvider(name.slice('keys '.length))) this.#state.wheels.delete(name);
    }
  }

  health(): JsonObject {
    return { inFlight: this.#state.loads.running(), resting: this.#state.cooldowns.state() };
  }

  #withKeys(target: Target): readonly Target[] {
    if (target.key !== undefined) return [target];
    const keys = this.#keysOf(target.provider);
    return keys.length === 0 ? [target] : keys.map((key) => ({ ...target, key }));
  }

  #rankKeys(provider: string, targets: readonly Target[], commit: boolean): readonly Target[] {
    const candidates = targets.map((target) => ({
      name: target.key ?? '',
      weight: 1,
      target,
      loadId: keyId(target),
    }));
    const { loads } = this.#state;
    const wheel = this.#wheel(`keys ${provider}`);
    return rank(candidates, this.#keyPolicy, { wheel, loads, commit }).map(({ target }) => target);
  }

  #wheel(name: string): SmoothWheel {
    let wheel = this.#state.wheels.get(name);
    if (wheel === undefined) {
      wheel = new SmoothWheel();
      this.#state.wheels.set(name, wheel);
    }
    return wheel;
  }
}

function nameOf(target: Target): string {
  return target.key === undefined ? formatTarget(target) : `${formatTarget(target)} with key ${target.key}`;
}
