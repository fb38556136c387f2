import {
  asObject,
  type Format,
  type HttpProvider,
  type JsonObject,
  type JsonValue,
  type ProviderCall,
  type Static,
  Type,
} from '@signalbox/kit';

export const tokenCountsSchema = Type.Object(
  {
    path: Type.String({
      pattern: '^(?:\\.\\.)?/',
      description: 'What follows the base URL: `/count`; `../count` stands in place of its last part.',
    }),
    fields: Type.Optional(
      Type.Array(Type.String({ minLength: 1 }), {
        description: 'The fields of a request’s body that it takes. Default: all.',
      }),
    ),
    answer: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'Where its answer has the count: `data.total`. Default: `input_tokens`.',
      }),
    ),
    textsOnly: Type.Optional(
      Type.Boolean({
        description:
          'It knows nothing of tools, calls and results: requests that have any are estimated. Default: false.',
      }),
    ),
  },
  {
    additionalProperties: false,
    description: 'Where the server counts the tokens of a prompt. Default: that of the profile, else nowhere.',
  },
);

/** A place that counts tokens, as data. */
export type TokenCounts = Static<typeof tokenCountsSchema>;

/** What a provider needs to count there. */
export function counting(
  { fields, answer = 'input_tokens', textsOnly = false }: TokenCounts,
  format: Format,
): Pick<HttpProvider, 'format' | 'countsTokens' | 'adaptBody' | 'adaptsVerbatim'> {
  const way = answer.split('.');
  return {
    format: { ...format, decodeTokenCount: (body) => countAt(body, way) },
    countsTokens: textsOnly ? ({ request }) => isText(request) : true,
    adaptBody: (body, { operation }) =>
      operation === 'count-tokens' && fields !== undefined ? pick(body, fields) : body,
    adaptsVerbatim: () => false,
  };
}

/** The URL in front of the count's path, and that path without its `..`. */
export function placeOf({ path }: TokenCounts, baseUrl: string): { baseUrl: string; path: string } {
  if (!path.startsWith('../')) return { baseUrl, path };
  return { baseUrl: new URL('..', `${baseUrl}/`).href.replace(/\/$/, ''), path: path.slice(2) };
}

function countAt(body: JsonObject, way: readonly string[]): number | undefined {
  const found = way.reduce<JsonValue | undefined>((value, name) => asObject(value)[name], body);
  return typeof found === 'number' ? found : undefined;
}

function pick(body: JsonObject, fields: readonly string[]): JsonObject {
  const picked: JsonObject = {};
  for (const name of fields) if (body[name] !== undefined) picked[name] = body[name];
  return picked;
}

function isText({ tools, messages }: ProviderCall['request']): boolean {
  return tools.length === 0 && messages.every(({ content }) => content.every(({ type }) => type === 'text'));
}
