import { chosenPlan, type Exchange, formatTarget, type RoutePlan, stateKey } from '@signalbox/kit';

const found = stateKey<{ choice?: string }>(() => ({}));

/**
 * What was chosen for a request, as one name: the kind of request, and the targets as they were chosen, before others
 * reordered them or put fallbacks behind. Requests of a session for which something else was chosen have places of their
 * own. Keys, and an order that was drawn, say nothing. Found once per exchange; `plan` is the one that stands now.
 */
export function choiceOf(plan: RoutePlan, exchange: Exchange): string {
  const known = exchange.state(found);
  if (known.choice === undefined) {
    const { targets, scenario = '', drawn } = chosenPlan(plan, exchange);
    const names = [...new Set(targets.map(formatTarget))];
    known.choice = [exchange.model, scenario, ...(drawn === true ? names.sort() : names)].join('\n');
  }
  return known.choice;
}
