import type { JsonObject, JsonValue } from '@signalbox/kit';
import { frames, list, number, object, parse, text } from '../json.ts';
import type { Ask, AskResult, AskTurn, ClientKind, Ending, Said, SaidUsage } from '../wire.ts';

const ENDINGS: Readonly<Record<string, Ending>> = {
  end_turn: 'end',
  stop_sequence: 'stop',
  tool_use: 'calls',
  max_tokens: 'limit',
  refusal: 'refused',
};

export const anthropicClient: ClientKind = {
  id: 'anthropic-messages',
  headers: { 'anthropic-version': '2023-06-01', 'x-api-key': 'client' },
  path: () => '/v1/messages',
  body: (ask, model, stream) => ({ ...prompt(ask, model), max_tokens: ask.limit ?? 4096, stream }),
  next: (body, said, { results = [], text: then }) => ({
    ...body,
    messages: [
      ...list(body.messages),
      { role: 'assistant', content: [...said.kept] },
      {
        role: 'user',
        content: [
          ...results.map((result, index) => toolResult(result, said.calls[index]?.id ?? '')),
          ...(then === undefined ? [] : [{ type: 'text', text: then }]),
        ],
      },
    ],
  }),
  read: (raw, stream) => (stream && !raw.startsWith('{') ? readStream(raw) : readWhole(object(parse(raw)))),
  count: {
    path: () => '/v1/messages/count_tokens',
    body: prompt,
    read: ({ input_tokens: tokens }) => number(tokens),
  },
  rateLimited: 'rate_limit_error',
};

function prompt(ask: Ask, model: string): JsonObject {
  const effort = ask.reasons === true ? { effort: 'high' } : {};
  const format = ask.schema === undefined ? {} : { format: { type: 'json_schema', schema: ask.schema } };
  return {
    model,
    ...(ask.system === undefined
      ? {}
      : { system: ask.system.split('\n\n').map((said) => ({ type: 'text', text: said })) }),
    messages: ask.turns.map((turn) => ({ role: turn.role, content: content(turn) })),
    ...(ask.tools === undefined
      ? {}
      : { tools: ask.tools.map(({ schema, ...tool }) => ({ ...tool, input_schema: schema })) }),
    ...(ask.stop === undefined ? {} : { stop_sequences: [ask.stop] }),
    ...(ask.reasons === true ? { thinking: { type: 'adaptive', display: 'summarized' } } : {}),
    ...(ask.reasons === true || ask.schema !== undefined ? { output_config: { ...effort, ...format } } : {}),
  };
}

function content({ text: said, image, document }: AskTurn): JsonValue {
  if (image === undefined && document === undefined) return said;
  return [
    { type: 'text', text: said },
    ...(image === undefined ? [] : [{ type: 'image', source: base64('image/png', image) }]),
    ...(document === undefined ? [] : [{ type: 'document', source: base64('application/pdf', document) }]),
  ];
}

function base64(mediaType: string, data: string): JsonObject {
  return { type: 'base64', media_type: mediaType, data };
}

function toolResult({ text: said, isError, image }: AskResult, id: string): JsonObject {
  return {
    type: 'tool_result',
    tool_use_id: id,
    content:
      image === undefined
        ? said
        : [
            { type: 'text', text: said },
            { type: 'image', source: base64('image/png', image) },
          ],
    ...(isError === true ? { is_error: true } : {}),
  };
}

function readWhole(body: JsonObject): Said {
  const blocks = list(body.content);
  const problems = blocks.flatMap((block) =>
    ['text', 'thinking', 'tool_use'].includes(text(block.type)) ? [] : [`a block of type ${String(block.type)}`],
  );
  return said(
    blocks,
    body,
    usageOf(object(body.usage)),
    body.type === 'message' && body.stop_reason !== null,
    problems,
  );
}

function readStream(raw: string): Said {
  const problems: string[] = [];
  const blocks: JsonObject[] = [];
  const inputs: string[] = [];
  let open: number | undefined;
  let message: JsonObject = {};
  let usage: JsonObject = {};
  let error: JsonObject = {};
  let ended = false;
  for (const { event, data } of frames(raw)) {
    const frame = object(parse(data));
    const type = text(frame.type);
    if (event !== type) problems.push(`event ${event} carries ${type}`);
    if (ended) problems.push(`${type} behind the end`);
    const index = number(frame.index) ?? -1;
    const block = blocks[index];
    const delta = object(frame.delta);
    if (type === 'message_start') {
      if (message.id !== undefined) problems.push('a second message_start');
      message = object(frame.message);
      usage = object(message.usage);
    } else if (type === 'content_block_start') {
      if (open !== undefined) problems.push('a block inside a block');
      if (index !== blocks.length) problems.push(`block ${index} after ${blocks.length} blocks`);
      open = index;
      blocks.push({ ...object(frame.content_block) });
      const { text: early = '', thinking = '', input = {} } = object(frame.content_block);
      if (early !== '' || thinking !== '' || Object.keys(object(input)).length > 0)
        problems.push('a block that starts full');
      inputs.push('');
    } else if (type === 'content_block_delta') {
      if (index !== open || block === undefined) problems.push('a delta outside its block');
      else if (delta.type === 'text_delta') block.text = text(block.text) + text(delta.text);
      else if (delta.type === 'thinking_delta') block.thinking = text(block.thinking) + text(delta.thinking);
      else if (delta.type === 'signature_delta') block.signature = text(delta.signature);
      else if (delta.type === 'input_json_delta') inputs[index] += text(delta.partial_json);
      else problems.push(`a delta of type ${String(delta.type)}`);
    } else if (type === 'content_block_stop') {
      if (index !== open || block === undefined) problems.push('the end of a block that is not open');
      else if (block.type === 'tool_use' && inputs[index] !== '') block.input = parse(inputs[index] ?? '');
      open = undefined;
    } else if (type === 'message_delta') {
      message = { ...message, ...delta };
      usage = { ...usage, ...object(frame.usage) };
    } else if (type === 'message_stop') {
      ended = true;
    } else if (type === 'error') {
      error = frame;
    } else if (type !== 'ping') {
      problems.push(`an event of type ${type}`);
    }
  }
  if (ended && open !== undefined) problems.push('an open block at the end');
  return said(blocks, { ...message, ...error }, usageOf(usage), ended, problems);
}

function said(
  blocks: readonly JsonObject[],
  message: JsonObject,
  usage: SaidUsage,
  ended: boolean,
  problems: readonly string[],
): Said {
  const { id, type: kind, role } = message;
  const envelope = typeof id === 'string' && id.startsWith('msg_') && kind === 'message' && role === 'assistant';
  const of = (type: string): readonly JsonObject[] => blocks.filter((block) => block.type === type);
  const { type, message: words } = object(message.error);
  return {
    kept: blocks,
    text: of('text')
      .map((block) => text(block.text))
      .join(''),
    reasoning: of('thinking')
      .map((block) => text(block.thinking))
      .join(''),
    calls: of('tool_use').map((block) => ({ id: text(block.id), name: text(block.name), input: block.input ?? null })),
    ending: ENDINGS[text(message.stop_reason)],
    stopSequence: typeof message.stop_sequence === 'string' ? message.stop_sequence : undefined,
    model: text(message.model),
    usage,
    error: message.error === undefined ? undefined : { kind: text(type), message: text(words) },
    ended,
    problems: ended && !envelope ? [...problems, `the message is ${String(kind)} ${String(id)}`] : problems,
  };
}

/** The three counts of the prompt exclude each other here. */
function usageOf(usage: JsonObject): SaidUsage {
  const cached = number(usage.cache_read_input_tokens);
  const written = number(usage.cache_creation_input_tokens);
  const input = number(usage.input_tokens);
  return {
    prompt: input === undefined ? undefined : input + (cached ?? 0) + (written ?? 0),
    cached,
    written,
    thought: number(object(usage.output_tokens_details).thinking_tokens),
    completion: number(usage.output_tokens),
  };
}
