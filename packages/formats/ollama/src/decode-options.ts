import { type ChatRequest, errors, type JsonObject, type JsonValue, type ReasoningOptions } from '@signalbox/kit';
import { isUnsaid, needObject, optionalNumber, restOf } from './fields.ts';

/** Options with a place in the canonical model; the others travel in the extensions. */
const KNOWN: ReadonlySet<string> = new Set(['num_predict', 'stop', 'temperature', 'top_p', 'top_k']);

type Sampling = Pick<ChatRequest, 'maxOutputTokens' | 'stopSequences' | 'temperature' | 'topP' | 'topK'>;

/** `options` in canonical terms, and what is left of them. @throws {SignalboxError} INVALID_REQUEST that names the option. */
export function decodeOptions(value: JsonValue | undefined): {
  readonly sampling: Sampling;
  readonly rest: JsonObject | undefined;
} {
  if (value === undefined || value === null) return { sampling: {}, rest: undefined };
  const options = needObject(value, 'options');
  const number = (key: string): number | undefined => optionalNumber(options[key], `options.${key}`);
  const limit = number('num_predict');
  const stopSequences = decodeStop(options.stop);
  const temperature = number('temperature');
  const topP = number('top_p');
  const topK = number('top_k');
  const rest = restOf(options, KNOWN);
  // -1 is "no limit" and -2 "until the window is full": no ceiling, but words of their own.
  const unlimited = limit !== undefined && limit <= 0 ? { num_predict: limit } : undefined;
  return {
    sampling: {
      ...(limit === undefined || limit <= 0 ? {} : { maxOutputTokens: limit }),
      ...(stopSequences === undefined ? {} : { stopSequences }),
      ...(temperature === undefined ? {} : { temperature }),
      ...(topP === undefined ? {} : { topP }),
      ...(topK === undefined ? {} : { topK }),
    },
    rest: unlimited === undefined ? rest : { ...rest, ...unlimited },
  };
}

function decodeStop(stop: JsonValue | undefined): string[] | undefined {
  if (isUnsaid(stop)) return undefined;
  const list = typeof stop === 'string' ? [stop] : stop;
  if (!Array.isArray(list) || !list.every((entry) => typeof entry === 'string')) {
    throw errors.invalidRequest('options.stop: must be an array of strings.');
  }
  return list as string[];
}

/** `think`: a switch, or how hard. */
export function decodeThink(value: JsonValue | undefined): ReasoningOptions | undefined {
  switch (value) {
    case undefined:
    case null:
      return undefined;
    case true:
      return { mode: 'adaptive' };
    case false:
      return { mode: 'disabled' };
    case 'low':
    case 'medium':
    case 'high':
    case 'max':
      return { mode: 'adaptive', effort: value };
    default:
      throw errors.invalidRequest('think: must be true, false, "low", "medium", "high" or "max".');
  }
}
