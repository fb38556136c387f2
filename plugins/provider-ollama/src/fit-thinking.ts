import type { JsonValue, ProviderCall } from '@signalbox/kit';
import type { OllamaConfig } from './config.ts';

interface ThinkingTraits {
  /** `undefined`: not known. */
  readonly reasons: boolean | undefined;
  readonly hasLevels: boolean;
  readonly unsaid: OllamaConfig['thinkingUnsaid'];
}

/** `think` as the model takes it: a model that does not reason refuses any but `false`. */
export function fitThinking(
  think: JsonValue | undefined,
  { notes, clientFormat }: Pick<ProviderCall, 'notes' | 'clientFormat'>,
  { reasons, hasLevels, unsaid }: ThinkingTraits,
): JsonValue | undefined {
  if (think === undefined || think === null) {
    if (clientFormat === 'ollama' || unsaid === 'omit') return undefined;
    return unsaid === 'disabled' ? false : reasons === true ? true : undefined;
  }
  if (think === false) return false;
  if (reasons === false) {
    notes.add('reasoning', 'dropped', 'the model does not reason');
    return undefined;
  }
  if (typeof think !== 'string' || hasLevels) return think;
  notes.add('reasoning.effort', 'approximated', 'the model knows no levels: it is only told to reason');
  return true;
}
