import type { JsonValue } from '@signalbox/kit';
import {
  findNodeAtLocation,
  getNodePath,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';
import { ConfigError, type ConfigProblem } from './errors.ts';

/** More than any config has; readers of the value may go down without counting. */
const MAX_DEPTH = 100;

export type JsonPath = readonly (string | number)[];

/** A JSONC text with the position of everything in it. */
export class ConfigDocument {
  readonly file: string;
  readonly #text: string;
  readonly #root: Node;

  /** @throws {ConfigError} with the place of every syntax error, and of what a parser lets pass. */
  constructor(text: string, file: string) {
    this.file = file;
    // Some editors put a mark ahead of a text in UTF-8.
    this.#text = text.replace(/^\uFEFF/, ' ');
    const errors: ParseError[] = [];
    const root = this.#parse(errors);
    if (errors.length > 0 || root === undefined) {
      const problems = errors.map(({ error, offset }) => ({
        ...this.#at(offset),
        path: '',
        message: `not valid JSON: ${printParseErrorCode(error)
          .replace(/([a-z])([A-Z])/g, '$1 $2')
          .toLowerCase()}`,
      }));
      throw new ConfigError(problems.length > 0 ? problems : [{ file, path: '', message: 'the file is empty' }]);
    }
    this.#root = root;
    const odd = this.#oddities();
    if (odd.length > 0) throw new ConfigError(odd);
  }

  #parse(errors: ParseError[]): Node | undefined {
    try {
      return parseTree(this.#text, errors, { allowTrailingComma: true, disallowComments: false });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new ConfigError([{ ...this.#at(0), path: '', message: 'nested too deep' }], error);
    }
  }

  /** Keys that stand twice in one object, of which a value would be lost, and what is nested too deep. */
  #oddities(): ConfigProblem[] {
    const problems: ConfigProblem[] = [];
    const add = (node: Node, message: string): void => {
      problems.push({ ...this.#at(node.offset), path: printPath(getNodePath(node)), message });
    };
    const walk = (node: Node, depth: number): void => {
      if (depth > MAX_DEPTH) {
        problems.push({ ...this.#at(node.offset), path: '', message: 'nested too deep' });
        return;
      }
      const keys = new Set<unknown>();
      for (const child of node.children ?? []) {
        const [key, value] = child.type === 'property' ? (child.children ?? []) : [undefined, child];
        if (key !== undefined && keys.has(key.value)) add(key, 'stands here twice');
        keys.add(key?.value);
        if (value !== undefined) walk(value, depth + 1);
      }
    };
    walk(this.#root, 0);
    return problems;
  }

  /** The value, with `replace` applied to every string (not to keys). */
  value(replace: (text: string, path: JsonPath) => JsonValue): JsonValue {
    const read = (node: Node, path: JsonPath): JsonValue => {
      if (node.type === 'object') {
        const entries = (node.children ?? []).map(({ children }) => {
          const key = String(children?.[0]?.value);
          const child = children?.[1];
          return [key, child === undefined ? null : read(child, [...path, key])] as const;
        });
        return Object.fromEntries(entries);
      }
      if (node.type === 'array') return (node.children ?? []).map((child, index) => read(child, [...path, index]));
      if (node.type === 'string') return replace(String(node.value), path);
      return node.value as JsonValue;
    };
    return read(this.#root, []);
  }

  /** A problem at a path, with its line and column. The nearest existing ancestor stands in for what is missing. */
  problem(
    path: JsonPath,
    message: string,
    { plugin, atKey = false }: { plugin?: string | undefined; atKey?: boolean } = {},
  ): ConfigProblem {
    let at: Node | undefined;
    for (let length = path.length; length >= 0 && at === undefined; length--) {
      at = findNodeAtLocation(this.#root, path.slice(0, length) as (string | number)[]);
    }
    const node = atKey && at?.parent?.type === 'property' ? (at.parent.children?.[0] ?? at) : at;
    return {
      ...this.#at(node?.offset ?? 0),
      path: printPath(path),
      message,
      ...(plugin === undefined ? {} : { plugin }),
    };
  }

  #at(offset: number): { file: string; line: number; column: number } {
    const before = this.#text.slice(0, offset);
    const line = before.split('\n').length;
    return { file: this.file, line, column: offset - before.lastIndexOf('\n') };
  }
}

/** `plugins[2][1].apiKey` */
export function printPath(path: JsonPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}
