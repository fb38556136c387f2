import type { JsonObject, JsonValue } from '@signalbox/kit';
import providerAnthropic from '@signalbox/provider-anthropic';
import { anthropicRefusals, anthropicTurn } from '@signalbox/testkit';
import { list, number, object, text } from '../json.ts';
import type { HeardPart, ProviderKind } from '../wire.ts';
import { HearingAid } from './hearing-aid.ts';

const FIELDS =
  'model messages system tools tool_choice max_tokens metadata stop_sequences stream temperature top_p top_k thinking output_config';
const BLOCK_FIELDS: Readonly<Record<string, string>> = {
  text: 'text citations',
  image: 'source',
  document: 'source title context',
  thinking: 'thinking signature',
  tool_use: 'id name input caller',
  tool_result: 'tool_use_id content is_error',
};
const LEGAL_ID = /^[A-Za-z0-9_-]+$/;

export const anthropicProvider: ProviderKind = {
  id: 'anthropic-messages',
  model: 'claude-sonnet-4-6',
  plugin: (baseUrl) => [providerAnthropic, { name: 'anthropic-messages', apiKey: 'provider-key', baseUrl }],
  read: ({ body = {} }) => {
    const aid = new HearingAid();
    aid.knows(body, FIELDS, 'the body');
    aid.hear(blocks(body.system).map((block) => text(block.text)));
    for (const message of list(body.messages)) {
      aid.knows(message, 'role content', 'a message');
      const { role, content } = message;
      const parts = blocks(content);
      const results = parts.filter(({ type }) => type === 'tool_result').length;
      if (parts.slice(0, results).some(({ type }) => type !== 'tool_result')) aid.mind('results behind other content');
      aid.say(
        role,
        parts.map((block) => partOf(block, aid)),
      );
    }
    const { format } = object(body.output_config);
    return aid.heard({
      tools: list(body.tools).map((tool) => {
        aid.knows(tool, 'name description input_schema cache_control type strict', 'a tool');
        const { name, description, input_schema: schema = null } = tool;
        return { name: text(name), description: text(description), schema };
      }),
      limit: number(body.max_tokens),
      stop: Array.isArray(body.stop_sequences) ? body.stop_sequences.map(text) : [],
      schema: object(format).schema,
      reasons: ['adaptive', 'enabled'].includes(text(object(body.thinking).type)),
      stream: body.stream === true,
    });
  },
  refuses: ({ tools, output_config: output }) => {
    const { format } = object(output);
    const strict = list(tools).filter((tool) => tool.strict === true);
    return anthropicRefusals([
      ...strict.map((tool) => object(tool.input_schema)),
      ...(format === undefined ? [] : [object(object(format).schema)]),
    ]);
  },
  refusals: [{ words: '', ...anthropicTurn({ stopReason: 'refusal' }) }],
  answer: (turn) => anthropicTurn(turn),
  streamType: 'text/event-stream; charset=utf-8',
  error: (status, message) => ({
    type: 'error',
    error: { type: status === 429 ? 'rate_limit_error' : 'api_error', message },
  }),
  errorFrame: (message) =>
    `event: error\ndata: ${JSON.stringify({ type: 'error', error: { type: 'api_error', message } })}\n\n`,
  count: (tokens) => ({ input_tokens: tokens }),
};

function blocks(content: JsonValue | undefined): readonly JsonObject[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : list(content);
}

function partOf(block: JsonObject, aid: HearingAid): HeardPart {
  aid.knows(block, `type cache_control ${BLOCK_FIELDS[text(block.type)] ?? ''}`, `a block of type ${text(block.type)}`);
  const { media_type: mediaType, data, type: kind } = object(block.source);
  switch (block.type) {
    case 'text':
      return { type: 'text', text: text(block.text) };
    case 'image':
    case 'document':
      if (kind !== 'base64') aid.mind(`a source of type ${String(kind)}`);
      return { type: block.type, mediaType: text(mediaType), data: text(data) };
    case 'thinking':
      return { type: 'reasoning', text: text(block.thinking), signature: text(block.signature) };
    case 'tool_use':
      if (!LEGAL_ID.test(text(block.id))) aid.mind(`the id ${text(block.id)}`);
      if (typeof block.input !== 'object') aid.mind('input that is no object');
      return { type: 'call', id: text(block.id), name: text(block.name), input: block.input ?? null };
    case 'tool_result': {
      const content = blocks(block.content);
      return {
        type: 'result',
        id: text(block.tool_use_id),
        text: content.map((part) => text(part.text)).join('\n'),
        isError: block.is_error === true,
        images: content.flatMap((part) => (part.type === 'image' ? [text(object(part.source).data)] : [])),
      };
    }
    default:
      return aid.strange(`a block of type ${String(block.type)}`);
  }
}
