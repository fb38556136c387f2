import type { JsonObject, JsonValue } from '@signalbox/kit';
import { frames, list, number, object, parse, same, text } from '../json.ts';
import type { Ask, AskResult, AskTurn, ClientKind, Ending, Said } from '../wire.ts';

export const responsesClient: ClientKind = {
  id: 'openai-responses',
  headers: { authorization: 'Bearer client' },
  path: () => '/v1/responses',
  body: (ask, model, stream) => ({
    ...prompt(ask, model),
    max_output_tokens: ask.limit ?? 4096,
    stream,
    store: false,
    ...(ask.reasons === true ? { include: ['reasoning.encrypted_content'] } : {}),
  }),
  next: (body, said, { results = [], text: then }) => ({
    ...body,
    input: [
      ...list(body.input),
      ...said.kept,
      ...results.map((result, index) => ({
        type: 'function_call_output',
        call_id: said.calls[index]?.id ?? '',
        output: output(result),
      })),
      ...(then === undefined ? [] : [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: then }] }]),
    ],
  }),
  read: (raw, stream) => (stream && !raw.startsWith('{') ? readStream(raw) : readBody(object(parse(raw)))),
  count: {
    path: () => '/v1/responses/input_tokens',
    body: prompt,
    read: ({ input_tokens: tokens }) => number(tokens),
  },
  rateLimited: 'rate_limit_error',
};

function prompt(ask: Ask, model: string): JsonObject {
  return {
    model,
    ...(ask.system === undefined ? {} : { instructions: ask.system }),
    input: ask.turns.map((turn) => ({ type: 'message', role: turn.role, content: content(turn) })),
    ...(ask.tools === undefined
      ? {}
      : {
          tools: ask.tools.map(({ schema, strict = false, ...tool }) => ({
            type: 'function',
            ...tool,
            parameters: schema,
            strict,
          })),
        }),
    ...(ask.schema === undefined
      ? {}
      : { text: { format: { type: 'json_schema', name: 'answer', schema: ask.schema, strict: true } } }),
    ...(ask.reasons === true ? { reasoning: { effort: 'high', summary: 'auto' } } : {}),
  };
}

function content({ role, text: said, image, document }: AskTurn): JsonValue {
  if (role === 'assistant') return [{ type: 'output_text', text: said, annotations: [] }];
  return [
    { type: 'input_text', text: said },
    ...(image === undefined ? [] : [inputImage(image)]),
    ...(document === undefined
      ? []
      : [{ type: 'input_file', filename: 'paper.pdf', file_data: `data:application/pdf;base64,${document}` }]),
  ];
}

function inputImage(data: string): JsonObject {
  return { type: 'input_image', image_url: `data:image/png;base64,${data}`, detail: 'auto' };
}

function output({ text: said, image }: AskResult): JsonValue {
  return image === undefined ? said : [{ type: 'input_text', text: said }, inputImage(image)];
}

function readStream(raw: string): Said {
  const problems: string[] = [];
  const items: JsonObject[] = [];
  let open: number | undefined;
  let streamed = '';
  let last: JsonObject = {};
  let number_ = 0;
  for (const { event, data } of frames(raw)) {
    const frame = object(parse(data));
    const type = text(frame.type);
    if (event !== type) problems.push(`event ${event} carries ${type}`);
    if (frame.sequence_number !== number_++) problems.push(`${type} has the number ${String(frame.sequence_number)}`);
    if (/^response\.(?:completed|incomplete|failed)$/.test(text(last.type))) problems.push(`${type} behind the end`);
    if (type === 'response.output_item.added') {
      if (open !== undefined || frame.output_index !== items.length) problems.push('an item out of order');
      open = items.length;
    } else if (type === 'response.output_text.delta' || type === 'response.refusal.delta') {
      if (frame.output_index !== open) problems.push('a delta outside its item');
      streamed += text(frame.delta);
    } else if (type === 'response.output_item.done') {
      if (frame.output_index !== open) problems.push('the end of an item that is not open');
      items.push(object(frame.item));
      open = undefined;
    }
    last = frame;
  }
  const response = object(last.response);
  // Of an answer that breaks off there are deltas alone.
  if (!/^response\.(?:completed|incomplete)$/.test(text(last.type))) {
    return { ...readBody(response), text: streamed, problems };
  }
  if (!same(response.output, items as JsonValue[])) problems.push('the last event has other items than the stream');
  const whole = readBody(response);
  if (whole.text !== streamed) problems.push('the deltas are not the text of the items');
  return { ...whole, problems: [...problems, ...whole.problems] };
}

function readBody(response: JsonObject): Said {
  const items = list(response.output);
  const parts = items.filter(({ type }) => type === 'message').flatMap((item) => list(item.content));
  const usage = object(response.usage);
  const calls = items.filter(({ type }) => type === 'function_call');
  const refusals = parts.filter(({ type }) => type === 'refusal');
  const { message, type, code } = object(response.error ?? undefined);
  const strange = items.filter(({ type: kind }) => !['message', 'reasoning', 'function_call'].includes(text(kind)));
  return {
    kept: items,
    text: parts.map((part) => text(part.type === 'refusal' ? part.refusal : part.text)).join(''),
    reasoning: items
      .filter(({ type: kind }) => kind === 'reasoning')
      .flatMap((item) => list(item.summary))
      .map((part) => text(part.text))
      .join(''),
    calls: calls.map(({ call_id: id, name, arguments: input }) => ({
      id: text(id),
      name: text(name),
      input: parse(text(input)),
    })),
    ending: endingOf(response, calls.length > 0, refusals.length > 0),
    model: text(response.model),
    usage: {
      prompt: number(usage.input_tokens),
      completion: number(usage.output_tokens),
      cached: number(object(usage.input_tokens_details).cached_tokens),
      written: number(object(usage.input_tokens_details).cache_write_tokens),
      thought: number(object(usage.output_tokens_details).reasoning_tokens),
    },
    error:
      response.error === undefined || response.error === null
        ? undefined
        : { kind: text(type ?? code), message: text(message) },
    ended: response.status === 'completed' || response.status === 'incomplete',
    problems: [
      ...strange.map((item) => `an item of type ${String(item.type)}`),
      ...(response.error === undefined || response.error === null ? envelopeProblems(response, items) : []),
    ],
  };
}

/** An item's id has the prefix of its type, or the item cannot be sent back. */
const ID_PREFIXES: Readonly<Record<string, string>> = { message: 'msg_', reasoning: 'rs_', function_call: 'fc_' };

function envelopeProblems(response: JsonObject, items: readonly JsonObject[]): string[] {
  const usage = object(response.usage);
  const total = number(usage.total_tokens);
  const adds = total === (number(usage.input_tokens) ?? 0) + (number(usage.output_tokens) ?? 0);
  const ids = items.map(({ id }) => text(id));
  return [
    ...(response.object === 'response' && text(response.id).startsWith('resp_') ? [] : [`it is ${text(response.id)}`]),
    ...items
      .filter(({ type, id }) => !text(id).startsWith(ID_PREFIXES[text(type)] ?? ''))
      .map(({ type, id }) => `an item of type ${String(type)} has the id ${String(id)}`),
    ...(new Set(ids).size === ids.length ? [] : [`ids that are not unique: ${ids.join(', ')}`]),
    ...(adds ? [] : [`${total} tokens in total`]),
  ];
}

function endingOf(response: JsonObject, calls: boolean, refused: boolean): Ending | undefined {
  const { reason } = object(response.incomplete_details ?? undefined);
  if (response.status === 'incomplete') {
    return reason === 'max_output_tokens' ? 'limit' : reason === 'content_filter' ? 'refused' : undefined;
  }
  if (response.status !== 'completed') return undefined;
  return refused ? 'refused' : calls ? 'calls' : 'end';
}
