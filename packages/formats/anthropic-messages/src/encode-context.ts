import {
  type Extensions,
  isAdvice,
  type JsonObject,
  type JsonValue,
  type Notes,
  type OwnFate,
  ownFields,
  StrictSchemas,
  setField,
  type TargetContext,
} from '@signalbox/kit';
import { type AnthropicDialect, type Capabilities, capabilitiesOf } from './dialect.ts';
import { strictRules } from './strict-rules.ts';
import { FORMAT_ID } from './wire.ts';

/** What the parts of one request's encoding share. */
export interface EncodeContext {
  readonly target: TargetContext;
  readonly notes: Notes;
  readonly capabilities: Capabilities;
  /** An Anthropic client wrote the request, so what this format can say is left as it was said. */
  readonly ownClient: boolean;
  readonly strict: StrictSchemas;
}

export function createContext(
  target: TargetContext,
  dialect: AnthropicDialect,
  extensions: Extensions | undefined,
): EncodeContext {
  return {
    target,
    notes: target.notes,
    capabilities: capabilitiesOf(dialect, target.model),
    ownClient: extensions?.[FORMAT_ID] !== undefined,
    strict: new StrictSchemas(target, strictRules()),
  };
}

/**
 * Copies what only this format knows onto `wire`, as far as the dialect takes it, and notes the rest. `handled` names
 * the entries that the caller writes itself.
 */
export function encodeExtras(
  wire: JsonObject,
  extensions: Extensions | undefined,
  handled: ReadonlySet<string>,
  path: string,
  context: EncodeContext,
): void {
  if (extensions === undefined) return;
  context.notes.foreignExtensions(extensions, FORMAT_ID, path);
  const own = extensions[FORMAT_ID] ?? {};
  for (const [key, value] of ownFields(extensions, FORMAT_ID)) {
    if (handled.has(key.split('.', 1)[0] ?? key)) continue;
    // What is so anyway is no loss.
    const fate = own[key] === undefined ? 'harmless' : isAdvice(own, key) ? 'advice' : 'loss';
    if (takesField(key, path, context, fate)) setField(wire, key, value);
  }
}

/** Whether the dialect takes the field `key`; notes it where not. */
export function takesField(
  key: string,
  path: string,
  { capabilities, notes }: EncodeContext,
  fate: OwnFate = 'loss',
): boolean {
  if (capabilities.extraFields === 'all' || capabilities.extraFields.includes(key)) return true;
  const at = path === '' ? key : `${path}.${key}`;
  if (fate !== 'harmless')
    notes.add(at, fate === 'loss' ? 'dropped' : 'mapped', 'this provider does not take the field');
  return false;
}

/** What this format keeps under `key` of its own extensions. */
export function ownExtra(extensions: Extensions | undefined, key: string): JsonValue | undefined {
  return extensions?.[FORMAT_ID]?.[key];
}
