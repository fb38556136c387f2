import type { ClientContext } from '@signalbox/kit';
import { ID, isObject } from './fields.ts';

/** How the client wants its answer, read once per reply. */
export interface ClientWishes {
  readonly includeUsage: boolean;
  /** The client used `functions`, the deprecated form: its answer has a `function_call`. */
  readonly legacyFunctions: boolean;
  /** Names of tools that the client sent as custom (free text) ones. */
  readonly customTools: ReadonlySet<string>;
}

export function clientWishes({ request }: ClientContext): ClientWishes {
  const wishes = request.extensions?.[ID]?.$client;
  const customTools = new Set<string>();
  for (const tool of request.tools) {
    if (tool.type === 'function' && tool.extensions?.[ID]?.custom !== undefined) customTools.add(tool.name);
  }
  return {
    includeUsage: isObject(wishes) && wishes.includeUsage === true,
    legacyFunctions: isObject(wishes) && wishes.legacyFunctions === true,
    customTools,
  };
}

/** The free text of a custom tool's call, wherever the model kept to its one argument. */
export function customInput(rawInput: string): string {
  try {
    const input: unknown = JSON.parse(rawInput);
    if (typeof input === 'object' && input !== null && 'input' in input && typeof input.input === 'string')
      return input.input;
  } catch {
    // The client gets what the model wrote.
  }
  return rawInput;
}
