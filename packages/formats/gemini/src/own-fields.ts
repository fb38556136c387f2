import { entryOf, isEmptyObject, type JsonValue, type OwnFate } from '@signalbox/kit';
import { isObject } from './fields.ts';

/** Values that say what is so anyway. */
const HARMLESS: Readonly<Record<string, readonly JsonValue[]>> = {
  'generationConfig.candidateCount': [1],
  'generationConfig.presencePenalty': [0],
  'generationConfig.frequencyPenalty': [0],
  'generationConfig.responseLogprobs': [false],
  serviceTier: ['standard'],
  store: [false],
};

/** What a field that only this format has, by its path, is to a target that does not know it. */
export function fateOf(path: string, value: JsonValue): OwnFate {
  if (entryOf(HARMLESS, path)?.includes(value) === true) return 'harmless';
  switch (path) {
    case 'generationConfig.responseModalities':
      return Array.isArray(value) && value.every((kind) => kind === 'TEXT') ? 'harmless' : 'loss';
    // Others have none of these filters to switch off.
    case 'safetySettings':
      return Array.isArray(value) && value.every(isOff) ? 'advice' : 'loss';
    // What a client tells its vendor, for its bills.
    case 'labels':
      return isEmptyObject(value) ? 'harmless' : 'advice';
    // How they arrive.
    case 'toolConfig.functionCallingConfig.streamFunctionCallArguments':
      return 'advice';
    default:
      return 'loss';
  }
}

function isOff(setting: JsonValue): boolean {
  return isObject(setting) && (setting.threshold === 'OFF' || setting.threshold === 'BLOCK_NONE');
}
