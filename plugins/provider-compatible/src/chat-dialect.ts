import { compatibleDialect, type Dialect } from '@signalbox/format-openai-chat';
import { type Effort, type JsonObject, type Static, Type } from '@signalbox/kit';
import { moonshotSchema } from './moonshot-schema.ts';

const flag = (description: string) => Type.Optional(Type.Boolean({ description }));
const fields = (description: string) => Type.Optional(Type.Unsafe<JsonObject>({ type: 'object', description }));
const map = (description: string) => Type.Optional(Type.Record(Type.String(), Type.String(), { description }));

const TOOL_CHOICES = ['auto', 'none', 'required', 'tool', 'allowed'] as const;
const effort = (name: Effort) =>
  Type.Optional(Type.String({ minLength: 1, description: `The server’s word for the effort "${name}".` }));
const toolChoices = (description: string) => Type.Optional(Type.Array(Type.Enum([...TOOL_CHOICES]), { description }));

/** The part of a Chat dialect that data can say. Its functions, such as another reading of `usage`, need a plugin. */
export const chatDialectSchema = Type.Object(
  {
    reasoningField: Type.Optional(
      Type.Enum(['reasoning_content', 'reasoning', 'reasoning_details', 'thinking-part', 'none'], {
        description: 'Where an assistant message of the history has its reasoning.',
      }),
    ),
    reasoningReplay: Type.Optional(
      Type.Enum(['always', 'own', 'never'], {
        description:
          'Whether reasoning goes back: on every assistant message, only this provider’s own, or not at all.',
      }),
    ),
    noReasoning: Type.Optional(
      Type.String({
        description: 'What `reasoningReplay: "always"` sends where there is none to send. Default: empty.',
      }),
    ),
    thinking: Type.Optional(
      Type.Enum(['thinking', 'enable_thinking', 'reasoning', 'chat_template_kwargs', 'none'], {
        description: 'The field that switches thinking on and off.',
      }),
    ),
    thinkingUnsaid: Type.Optional(
      Type.Enum(['enabled', 'disabled', 'omit'], {
        description: 'What the switch says for a client that says nothing.',
      }),
    ),
    thinkingOptions: fields('Goes into the switch whenever it is sent.'),
    effortField: Type.Optional(
      Type.Enum(['reasoning_effort', 'reasoning', 'none'], { description: 'Where the effort goes.' }),
    ),
    efforts: Type.Optional(
      Type.Object(
        {
          none: effort('none'),
          minimal: effort('minimal'),
          low: effort('low'),
          medium: effort('medium'),
          high: effort('high'),
          xhigh: effort('xhigh'),
          max: effort('max'),
        },
        { additionalProperties: false, description: 'The efforts that the server has.' },
      ),
    ),
    budgetField: Type.Optional(
      Type.Enum(['reasoning', 'thinking_budget', 'none'], { description: 'Where a reasoning budget in tokens goes.' }),
    ),
    toolsExcludeReasoning: flag('Tools and reasoning exclude each other.'),
    alwaysThinks: flag('Thinks even where that is switched off.'),
    reasoningInContent: flag('Replies have their reasoning as `<think>…</think>` in the text.'),
    systemRole: Type.Optional(Type.Enum(['system', 'developer'], { description: 'The role of system messages.' })),
    midSystem: Type.Optional(
      Type.Enum(['keep', 'fold'], {
        description: 'System messages inside a conversation: kept, or folded into user text.',
      }),
    ),
    flattenText: flag('Several texts become one string.'),
    emptyAssistantContent: Type.Optional(
      Type.Enum(['null', 'empty-string', 'omit'], {
        description: 'The content of an assistant message that only has calls.',
      }),
    ),
    images: flag('Takes images.'),
    imageUrls: flag('Fetches image URLs itself.'),
    documents: Type.Optional(Type.Enum(['file', 'document_url', 'none'], { description: 'How PDFs go.' })),
    messageNames: flag('Takes `name` on messages.'),
    toolMessageNames: flag('Wants `name` on tool messages.'),
    userAfterTool: flag('Takes a user message directly after a tool message.'),
    needsUserMessage: flag('Refuses a conversation without a user message.'),
    prefill: Type.Optional(
      Type.Enum(['prefix', 'partial', 'continue_final_message', 'none'], {
        description: 'What makes the server continue a last assistant message.',
      }),
    ),
    cacheControl: flag('Takes `cache_control` on content parts and tools.'),
    cacheTtl: flag('Takes the `ttl` of `cache_control`.'),
    toolCallIds: Type.Optional(
      Type.Object(
        {
          legal: Type.String({ minLength: 1, description: 'Regular expression for a whole id.' }),
          hashLength: Type.Integer({
            minimum: 4,
            maximum: 64,
            description: 'Characters of the id in place of another.',
          }),
        },
        { additionalProperties: false, description: 'Which ids of tool calls the server takes.' },
      ),
    ),
    maxTokensField: Type.Optional(
      Type.Enum(['max_completion_tokens', 'max_tokens'], { description: 'The name of the limit.' }),
    ),
    defaultMaxTokens: Type.Optional(
      Type.Integer({ minimum: 1, description: 'Limit in tokens for clients that name none.' }),
    ),
    parameters: Type.Optional(
      Type.Union([Type.Literal('all'), Type.Array(Type.String({ minLength: 1 }))], {
        description: 'Optional top-level fields that the server takes, or `all`.',
      }),
    ),
    renames: map('Fields that the server calls otherwise.'),
    maxTemperature: Type.Optional(Type.Number({ minimum: 0, description: 'A higher temperature is clamped.' })),
    maxStopSequences: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Further ones are enforced by the gateway.' }),
    ),
    streamUsage: flag('Takes `stream_options.include_usage`.'),
    streamOnly: Type.Optional(
      Type.Enum(['never', 'thinking', 'always'], {
        description: 'When it answers in streams only; the gateway puts whole answers together.',
      }),
    ),
    responseFormat: Type.Optional(
      Type.Enum(['json_schema', 'json_schema_only', 'json_object', 'none'], {
        description: 'The strongest kind of structured output it has.',
      }),
    ),
    userField: Type.Optional(
      Type.Enum(['user', 'safety_identifier', 'user_id', 'none'], { description: 'Where the end user’s id goes.' }),
    ),
    extraBody: fields('Fields of every request.'),
    extraBodyWithTools: fields('Fields of every request that has tools.'),
    strictTools: flag('Takes `strict` on tools and schemas.'),
    parallelToolCalls: flag('Takes `parallel_tool_calls`.'),
    toolChoices: toolChoices('Tool choices that the server takes.'),
    toolChoicesThinking: toolChoices('The same while it thinks, where that is stricter.'),
    customTools: flag('Takes custom (free text) tools.'),
    schemaFlavour: Type.Optional(
      Type.Enum(['plain', 'moonshot'], { description: 'The JSON Schema that its tools take.' }),
    ),
    finishReasons: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Enum([
          ...(['end-turn', 'stop-sequence', 'tool-call', 'max-tokens', 'context-window-exceeded'] as const),
          ...(['refusal', 'pause-turn', 'failed', 'overloaded'] as const),
        ]),
        { description: 'What the server’s own finish reasons mean.' },
      ),
    ),
    errorMeanings: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Enum([
          ...(['auth', 'billing', 'quota', 'rate-limit', 'overloaded', 'failed', 'model-not-found'] as const),
          ...(['context-overflow', 'content-refused', 'image-rejected', 'invalid'] as const),
        ]),
        { description: 'What the server’s own error codes and types mean.' },
      ),
    ),
  },
  { additionalProperties: false, description: 'How the server’s Chat Completions differ. For `openai-chat` only.' },
);

export type ChatDialectOptions = Static<typeof chatDialectSchema>;

/** The dialect that the options describe, over `base`: what nearly every compatible server understands. */
export function chatDialect(
  options: ChatDialectOptions = {},
  base: Partial<Dialect> = compatibleDialect,
): Partial<Dialect> {
  const { toolCallIds, schemaFlavour, ...rest } = options;
  return {
    ...base,
    ...rest,
    ...(toolCallIds === undefined
      ? {}
      : { toolCallIds: { legal: new RegExp(`^(?:${toolCallIds.legal})$`), hashLength: toolCallIds.hashLength } }),
    ...(schemaFlavour === 'moonshot' ? { encodeSchema: moonshotSchema } : {}),
  };
}

/** One after the other: a later one's fields win, but what codes and finish reasons mean is added up. */
export function mergeDialects(layers: readonly (ChatDialectOptions | undefined)[]): ChatDialectOptions {
  let merged: ChatDialectOptions = {};
  for (const layer of layers) {
    if (layer === undefined) continue;
    const { errorMeanings, finishReasons } = merged;
    merged = { ...merged, ...layer };
    if (errorMeanings !== undefined) merged.errorMeanings = { ...errorMeanings, ...layer.errorMeanings };
    if (finishReasons !== undefined) merged.finishReasons = { ...finishReasons, ...layer.finishReasons };
  }
  return merged;
}
