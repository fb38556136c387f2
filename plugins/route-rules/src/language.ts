import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { compilePattern } from '@signalbox/kit';
import { RE2JS } from 're2js';
import type { Facts } from './facts.ts';
import { compileTimeRange } from './time-range.ts';

/** What a condition may name, with its type. Each is a fact of the same name. */
const VARIABLES = {
  model: 'string',
  format: 'string',
  path: 'string',
  operation: 'string',
  stream: 'bool',
  key: 'string',
  session: 'string',
  bodyBytes: 'int',
  now: 'google.protobuf.Timestamp',
  tokens: 'int',
  maxOutputTokens: 'int',
  tools: 'list<string>',
  images: 'bool',
  documents: 'bool',
  webSearch: 'bool',
  reasoning: 'bool',
  effort: 'string',
} as const satisfies Partial<Record<keyof Facts, string>>;

export const VARIABLE_NAMES: readonly string[] = Object.keys(VARIABLES);

/** A condition is a line or two: what is larger is a mistake. */
const LIMITS = { maxAstNodes: 1_000, maxDepth: 50 };

/** The parts of the library's evaluation that a macro meets. */
interface Context {
  getValue(name: string): unknown;
}
interface Evaluator {
  run(node: ASTNode, context: Context): unknown;
}
interface Checker {
  check(node: ASTNode, context: Context): { readonly name: string };
  getType(name: string): unknown;
}
interface Call {
  readonly args: readonly ASTNode[];
  readonly receiver?: ASTNode;
}

/**
 * CEL with the facts of a request and five functions. Their texts are written out in the expression, so that they are
 * read once, at the start: patterns, expressions and times that are wrong are found then.
 */
export function createLanguage(): Environment {
  const language = new Environment({ limits: LIMITS });
  for (const [name, type] of Object.entries(VARIABLES)) language.registerVariable(name, type);

  const ofRequest =
    (name: string, type: string, compile: (...texts: string[]) => (facts: Facts) => unknown) => (call: Call) => {
      const value = compile(...call.args.map((arg) => textOf(arg, name)));
      return {
        async: false,
        typeCheck: (checker: Checker) => checker.getType(type),
        evaluate: (_evaluator: Evaluator, _macro: unknown, context: Context) =>
          value(context.getValue('facts') as Facts),
      };
    };
  const ofText =
    (name: string, compile: (text: string) => (value: string) => boolean) =>
    ({ args, receiver }: Call) => {
      const [arg] = args;
      if (arg === undefined || receiver === undefined) throw new TypeError(`${name}() is asked of a text`);
      const fits = compile(textOf(arg, name));
      return {
        async: false,
        typeCheck: (checker: Checker, _macro: unknown, context: Context) => {
          const { name: type } = checker.check(receiver, context);
          if (type !== 'string' && type !== 'dyn')
            throw new TypeError(`${name}() is asked of a text, not of type ${type}`);
          return checker.getType('bool');
        },
        evaluate: (evaluator: Evaluator, _macro: unknown, context: Context) => {
          const value = evaluator.run(receiver, context);
          return typeof value === 'string' && fits(value);
        },
      };
    };

  const between = ofRequest('between', 'bool', (from = '', to = '', zone) => {
    const holds = compileTimeRange(from, to, zone);
    return ({ now }) => holds(now);
  });
  return language
    .registerFunction(
      'header(ast): string',
      ofRequest('header', 'string', (name = '') => {
        const lower = name.toLowerCase();
        return (facts) => facts.header(lower);
      }),
    )
    .registerFunction(
      'metadata(ast): string',
      ofRequest(
        'metadata',
        'string',
        (name = '') =>
          (facts) =>
            facts.metadata(name),
      ),
    )
    .registerFunction('between(ast, ast): bool', between)
    .registerFunction('between(ast, ast, ast): bool', between)
    .registerFunction(
      'string.fits(ast): bool',
      ofText('fits', (text) => compilePattern(text).fits),
    )
    .registerFunction('string.search(ast): bool', ofText('search', compileSearch));
}

function textOf(node: ASTNode, name: string): string {
  if (node.op === 'value' && typeof node.args === 'string') return node.args;
  throw new TypeError(`${name}() takes texts in quotes, so that they can be checked at the start`);
}

/** In time that grows with the text alone, whatever the expression: texts come from clients. */
function compileSearch(expression: string): (value: string) => boolean {
  const compiled = RE2JS.compile(expression);
  return (value) => compiled.matcher(value).find();
}
