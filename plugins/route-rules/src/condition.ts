import { type ASTNode, type Environment, EvaluationError } from '@marcbachmann/cel-js';
import { type Exchange, SignalboxError } from '@signalbox/kit';
import leven from 'leven';
import { Facts } from './facts.ts';
import { VARIABLE_NAMES } from './language.ts';

/** Whether a rule applies. What cannot be said of a request does not apply to it. */
export type Condition = (exchange: Exchange) => boolean;

const FUNCTIONS = ['header', 'metadata', 'between', 'fits', 'search', 'startsWith', 'endsWith', 'contains', 'exists'];
/** Names that others give to what is asked here. */
const OTHER_WORDS: Readonly<Record<string, string>> = {
  headers: 'header("name")',
  principal: 'key',
  user: 'key',
  time: 'between("22:00", "06:00")',
  hour: 'between("22:00", "06:00")',
  images_count: 'images',
  promptTokens: 'tokens',
  thinking: 'reasoning',
};

/**
 * Compiles one expression. `failed` is told of a request for which it has no value.
 * @throws {SignalboxError} BAD_CONFIG that says what is wrong with it, and where.
 */
export function compileCondition(
  language: Environment,
  expression: string,
  { path, failed }: { path: string; failed: (error: Error) => void },
): Condition {
  const refuse = (message: string, cause?: unknown) =>
    new SignalboxError('BAD_CONFIG', `${path}: ${message}`, cause === undefined ? {} : { cause });
  let parsed: ReturnType<Environment['parse']>;
  try {
    parsed = language.parse(expression);
  } catch (error) {
    throw refuse(describe(error, expression), error);
  }
  const { valid, type, error } = parsed.check();
  if (!valid) throw refuse(describe(error, expression), error);
  if (type !== 'bool') throw refuse(`the condition must be true or false, not of type ${type}.`);
  if (calls(parsed.ast, 'matches')) {
    throw refuse('matches() can take forever on the text of a client; write search("…"), which cannot.');
  }
  return (exchange) => {
    try {
      return parsed(new Facts(exchange)) === true;
    } catch (error) {
      if (!(error instanceof EvaluationError) && !SignalboxError.is(error)) throw error;
      failed(error);
      return false;
    }
  };
}

function describe(error: unknown, expression: string): string {
  const { code, summary, message, range, node } = error as Partial<EvaluationError> & { message: string };
  const text = (summary ?? message).trim();
  const place = range === undefined ? '' : ` (at character ${range.start + 1})`;
  const name = range === undefined ? '' : nameAt(code, node, expression.slice(range.start, range.end));
  return `${text}${place}.${suggest(name, code)}`;
}

function nameAt(code: string | undefined, node: { args?: unknown } | undefined, source: string): string {
  if (code === 'unknown_variable') return source;
  const [called] = Array.isArray(node?.args) ? node.args : [];
  return code === 'no_matching_overload' && typeof called === 'string' ? called : '';
}

function suggest(name: string, code: string | undefined): string {
  if (name === '') return '';
  const other = Object.hasOwn(OTHER_WORDS, name) ? OTHER_WORDS[name] : undefined;
  if (other !== undefined) return ` Did you mean ${other}?`;
  const known = code === 'unknown_variable' ? VARIABLE_NAMES : FUNCTIONS;
  const [best] = known
    .map((word) => ({ word, distance: leven(name.toLowerCase(), word.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  if (best !== undefined && best.distance > 0 && best.distance <= Math.max(2, Math.ceil(name.length / 3))) {
    return ` Did you mean "${best.word}"?`;
  }
  return code === 'unknown_variable' ? ` Known: ${VARIABLE_NAMES.join(', ')}.` : '';
}

function calls(node: unknown, name: string): boolean {
  if (Array.isArray(node)) return node.some((part) => calls(part, name));
  if (typeof node !== 'object' || node === null || !('op' in node)) return false;
  const { op, args } = node as ASTNode;
  return (op === 'rcall' && args[0] === name) || calls(args, name);
}
