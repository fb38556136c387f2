import {
  type Admission,
  type Choice,
  defineStrategy,
  type Exchange,
  formatTarget,
  type RoutePlan,
  stateKey,
  type Target,
  targetId,
} from '@signalbox/kit';
import { type Asking, Balancer, createState } from './balancer.ts';
import { configSchema } from './config.ts';
import { compileGroups, type Group, modelIn } from './groups.ts';

export type { BalanceConfig } from './config.ts';

/** Whether this plugin has chosen for a request, and counts its tries. */
const mine = stateKey(() => ({ chosen: false }));

/**
 * Spreads requests over the targets of a group and over a provider's keys: by weight, to the least busy, or to the faster
 * of two. A key or target that was refused, or is at its limit, stands behind the others for a while.
 */
export default defineStrategy({
  id: 'balance',
  configSchema,
  create: (options, host) => {
    const groups = compileGroups(options.groups, host);
    const balancer = new Balancer(host.kept('route-balance', createState), options, host);
    const admit: Admission = (target) => balancer.start(target);
    host.addHealth('balance', () => balancer.health());

    return {
      ready: () => {
        groups.check();
        balancer.prune(groups.all, host.hasProvider);
      },
      models: () => groups.all.flatMap(({ name }) => (name.includes('*') ? [] : [{ id: name }])),
      choose: (exchange) => {
        const group = groups.find(exchange.model);
        if (group === undefined) return undefined;
        exchange.state(mine).chosen = true;
        const targets = balancer.order(group, modelIn(exchange.model, host), askingOf(exchange));
        return { targets, reason: because(group, targets), drawn: true, admit, ...spillOver(undefined, targets) };
      },
      refine: (plan, exchange) => {
        const asking = askingOf(exchange);
        const { chosen } = exchange.state(mine);
        const shared = chosen ? undefined : withGroup(plan, (name) => groups.find(name), balancer, asking);
        const { targets, said, keyed } = balancer.spread(shared?.targets ?? plan.targets, asking);
        if (shared === undefined && !keyed && sameTargets(targets, plan.targets)) return undefined;
        const counts = !chosen && (shared !== undefined || keyed);
        return {
          targets,
          reason: [plan.reason, ...(shared === undefined ? [] : [shared.reason]), ...said].join('; '),
          ...(counts ? { admit, ...spillOver(plan.retry, targets) } : {}),
        };
      },
      attempted: (attempt, exchange) => balancer.learn(attempt, callerOf(exchange)),
    };
  },
});

/** A plan whose first target is the name of a group: the group's targets stand in its place. */
function withGroup(
  { targets: [first, ...rest] }: RoutePlan,
  find: (name: string) => Group | undefined,
  balancer: Balancer,
  asking: Asking,
): (Choice & { readonly targets: readonly Target[] }) | undefined {
  if (first === undefined || first.key !== undefined) return undefined;
  const group = find(formatTarget(first));
  if (group === undefined) return undefined;
  const ordered = balancer.order(group, first.model, asking);
  const known = new Set(ordered.map(targetId));
  return {
    targets: [...ordered, ...rest.filter((target) => !known.has(targetId(target)))],
    reason: because(group, ordered),
  };
}

function because({ name, policy }: Group, [first]: readonly Target[]): string {
  return `group "${name}" (${policy}): ${first === undefined ? 'nobody' : formatTarget(first)}`;
}

/** Who says when it will be free again is not waited for where another one can be asked. */
function spillOver(retry: RoutePlan['retry'], targets: readonly Target[]): Pick<RoutePlan, 'retry'> {
  return targets.length < 2 ? {} : { retry: { maxRetryAfterMs: 0, ...retry } };
}

function askingOf(exchange: Exchange): Asking {
  return { caller: callerOf(exchange), commit: exchange.operation === 'chat' && exchange.explained !== true };
}

/** Who calls with a key of their own, which a provider may be called with. */
function callerOf({ principal }: Exchange): string {
  return principal?.credential === undefined ? '' : ` of ${principal.id}`;
}

function sameTargets(one: readonly Target[], other: readonly Target[]): boolean {
  return one.length === other.length && one.every((target, index) => target === other[index]);
}
