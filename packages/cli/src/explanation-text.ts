import type { ExplainedTarget, Explanation } from '@signalbox/core';

const NUMBER = new Intl.NumberFormat('en-US');
/** Notes that are printed one by one; `--json` has all. */
const MAX_NOTES = 12;

/** An explanation for a person to read. */
export function explanationText(explanation: Explanation): string {
  const { format, operation, model, stream, promptTokens, routing, route, targets, error } = explanation;
  const size = promptTokens === undefined ? '' : `, about ${NUMBER.format(promptTokens)} tokens`;
  const lines = [`${format}, ${operation}${stream ? ', streamed' : ''}: "${model}"${size}`, ''];

  lines.push('Strategies, in the order in which they are asked');
  if (routing.length === 0) lines.push('  none: list a routing plugin, or ask for provider/model');
  const width = Math.max(0, ...routing.map(({ strategy }) => strategy.length));
  let standing = '';
  for (const { strategy, said, targets: then } of routing) {
    lines.push(`  ${strategy.padEnd(width)}  ${said ?? 'no opinion'}`);
    const list = then?.join(', ') ?? standing;
    if (list !== standing) lines.push(`  ${''.padEnd(width)}  → ${list}`);
    standing = list;
  }

  if (route !== undefined) {
    lines.push('', `Route${route.scenario === undefined ? '' : ` (${route.scenario})`}: ${route.reason}`);
    lines.push(...policies(route).map((policy) => `  ${policy}`));
  }
  if (targets.length > 0) lines.push('', 'Targets, in the order in which they are tried');
  for (const [index, target] of targets.entries()) lines.push(...targetLines(target, index + 1));
  if (error !== undefined) lines.push('', `Refused: ${error.message} (${error.code}, status ${error.status})`);
  return `${lines.join('\n')}\n`;
}

function policies({ retry, moveOn, hedge, onCut }: NonNullable<Explanation['route']>): string[] {
  const said: string[] = [];
  if (retry?.maxRetries !== undefined) said.push(`each target is tried again up to ${retry.maxRetries} times`);
  if (moveOn !== undefined) said.push(`moves on after ${moveOn.join(', ') || 'nothing'} only`);
  if (hedge !== undefined) said.push(`asks the next target, too, after ${hedge.afterMs} ms of silence`);
  if (onCut === 'continue') said.push('goes on at another target where a stream breaks off');
  return said;
}

function targetLines(
  { target, key, lane, contextTokens, cost, notes, upstream, error }: ExplainedTarget,
  place: number,
): string[] {
  const facts = [
    lane ?? 'not called',
    ...(key === undefined ? [] : [`key ${key}`]),
    ...(contextTokens === undefined ? [] : [`${NUMBER.format(contextTokens)} tokens of context`]),
  ];
  const lines = [`  ${place}  ${target}  (${facts.join(', ')})`];
  const add = (line: string): void => void lines.push(`     ${line}`);
  if (upstream !== undefined) add(`POST ${upstream.url}`);
  const prices = costText(cost);
  if (prices !== '') add(prices);
  if (error !== undefined) add(`fails: ${error.message} (${error.code})`);
  else if (notes.length === 0) add('lossless');
  for (const { path, action, reason } of notes.slice(0, MAX_NOTES))
    add(`${action} ${path || 'the request'}: ${reason}`);
  if (notes.length > MAX_NOTES) add(`and ${notes.length - MAX_NOTES} more notes; --json has all`);
  return lines;
}

function costText(cost: ExplainedTarget['cost']): string {
  if (cost?.prompt === undefined) return '';
  const answer =
    cost.perThousandOutputTokens === undefined
      ? ''
      : `, and ${usd(cost.perThousandOutputTokens)} for every 1,000 tokens of the answer`;
  return `about ${usd(cost.prompt)} for the prompt without a cache${answer}`;
}

/** Small amounts with as many digits as they need. */
function usd(amount: number): string {
  if (amount === 0) return '$0';
  return `$${amount >= 0.01 ? amount.toFixed(3) : amount.toPrecision(2)}`;
}
