/** What a model takes through Converse, as far as its id tells. */
export interface ModelTraits {
  readonly family: 'claude' | 'nova' | 'mistral' | 'other';
  /** How it is made to reason: `manual` is a budget in tokens, `adaptive` leaves that to the model. */
  readonly reasoning: 'adaptive' | 'manual' | 'none';
  readonly cachePoints: boolean;
  readonly toolChoices: readonly ('any' | 'tool')[];
  /** `status` of tool results. */
  readonly resultStatus: boolean;
  readonly sampling: boolean;
  readonly temperatureWithTopP: boolean;
  /** Where `top_k` goes among the model's own fields. */
  readonly topK: 'top_k' | 'inferenceConfig' | 'none';
  readonly jsonSchema: boolean;
  /** Ids of calls are nine letters or digits. */
  readonly shortIds: boolean;
}

const OTHER: ModelTraits = {
  family: 'other',
  reasoning: 'none',
  cachePoints: false,
  toolChoices: [],
  resultStatus: false,
  sampling: true,
  temperatureWithTopP: true,
  topK: 'none',
  jsonSchema: false,
  shortIds: false,
};

// `us.anthropic.claude-sonnet-4-5-20250929-v1:0`; a date is no minor version.
const CLAUDE = /claude-(?:opus|sonnet|haiku|fable|mythos)-(\d{1,2})(?:-(\d{1,2}))?(?!\d)/;

export function modelTraits(model: string): ModelTraits {
  const claude = CLAUDE.exec(model);
  if (claude !== null) return claudeTraits(Number(claude[1]) + Number(claude[2] ?? 0) / 10);
  if (model.includes('claude')) return claudeTraits(model.includes('claude-3-7') ? 3.7 : 3);
  if (model.includes('amazon.nova')) {
    return {
      ...OTHER,
      family: 'nova',
      cachePoints: true,
      toolChoices: ['any', 'tool'],
      resultStatus: true,
      topK: 'inferenceConfig',
    };
  }
  if (/mistral|pixtral/.test(model)) {
    return { ...OTHER, family: 'mistral', toolChoices: ['any'], topK: 'top_k', shortIds: true };
  }
  return OTHER;
}

function claudeTraits(version: number): ModelTraits {
  return {
    family: 'claude',
    reasoning: version >= 4.6 ? 'adaptive' : version >= 3.7 ? 'manual' : 'none',
    cachePoints: version >= 3.7,
    toolChoices: ['any', 'tool'],
    resultStatus: true,
    sampling: version <= 4.6,
    temperatureWithTopP: version < 4.1,
    topK: 'top_k',
    jsonSchema: version >= 4.5,
    shortIds: false,
  };
}
