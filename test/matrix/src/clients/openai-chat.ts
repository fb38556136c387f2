import type { JsonObject, JsonValue } from '@signalbox/kit';
import { frames, list, number, object, parse, text } from '../json.ts';
import type { AskTurn, ClientKind, Ending, Said } from '../wire.ts';

const ENDINGS: Readonly<Record<string, Ending>> = {
  stop: 'end',
  tool_calls: 'calls',
  length: 'limit',
  content_filter: 'refused',
};

export const chatClient: ClientKind = {
  id: 'openai-chat',
  headers: { authorization: 'Bearer client' },
  path: () => '/v1/chat/completions',
  body: (ask, model, stream) => ({
    model,
    messages: [
      ...(ask.system === undefined ? [] : [{ role: 'system', content: ask.system }]),
      ...ask.turns.map((turn) => ({ role: turn.role, content: content(turn) })),
    ],
    ...(ask.tools === undefined
      ? {}
      : {
          tools: ask.tools.map(({ schema, ...tool }) => ({
            type: 'function',
            function: { ...tool, parameters: schema },
          })),
        }),
    max_completion_tokens: ask.limit ?? 4096,
    ...(ask.stop === undefined ? {} : { stop: [ask.stop] }),
    ...(ask.schema === undefined
      ? {}
      : {
          response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: ask.schema, strict: true } },
        }),
    ...(ask.reasons === true ? { reasoning_effort: 'high' } : {}),
    stream,
    ...(stream ? { stream_options: { include_usage: true } } : {}),
  }),
  // Tool messages hold text alone: a client that has an image shows it right behind them.
  next: (body, said, { results = [], text: then }) => {
    const images = results.flatMap(({ image }) => (image === undefined ? [] : [image]));
    return {
      ...body,
      messages: [
        ...list(body.messages),
        ...said.kept,
        ...results.map(({ text: content }, index) => ({
          role: 'tool',
          tool_call_id: said.calls[index]?.id ?? '',
          content,
        })),
        ...images.map((data) => ({ role: 'user', content: [image(data)] })),
        ...(then === undefined ? [] : [{ role: 'user', content: then }]),
      ],
    };
  },
  read: (raw, stream) => (stream && !raw.startsWith('{') ? readStream(raw) : readWhole(object(parse(raw)))),
  rateLimited: 'rate_limit_error',
};

function content({ text: said, image: data, document }: AskTurn): JsonValue {
  if (data === undefined && document === undefined) return said;
  return [
    { type: 'text', text: said },
    ...(data === undefined ? [] : [image(data)]),
    ...(document === undefined
      ? []
      : [{ type: 'file', file: { filename: 'paper.pdf', file_data: `data:application/pdf;base64,${document}` } }]),
  ];
}

function image(data: string): JsonObject {
  return { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } };
}

function readWhole(body: JsonObject): Said {
  const [choice = {}, second] = list(body.choices);
  const problems = second === undefined ? [] : ['a second choice'];
  if (body.error === undefined && body.object !== 'chat.completion') problems.push(`a ${String(body.object)}`);
  return said(body, object(choice.message), choice.finish_reason, choice.finish_reason !== undefined, problems);
}

function readStream(raw: string): Said {
  const problems: string[] = [];
  const calls: { id: string; name: string; arguments: string }[] = [];
  const details: JsonValue[] = [];
  let content = '';
  let reasoning = '';
  let refusal = '';
  let role: JsonValue | undefined;
  let envelope: JsonObject = {};
  let finish: JsonValue | undefined;
  let usage: JsonValue | undefined;
  let done = false;
  for (const { data } of frames(raw)) {
    if (done) problems.push('a chunk behind [DONE]');
    if (data === '[DONE]') {
      done = true;
      continue;
    }
    const chunk = object(parse(data));
    if (chunk.error === undefined && chunk.object !== 'chat.completion.chunk')
      problems.push(`a ${String(chunk.object)}`);
    if (envelope.id !== undefined && chunk.error === undefined && chunk.id !== envelope.id) problems.push('another id');
    envelope = { ...envelope, ...chunk };
    if (chunk.usage !== undefined && chunk.usage !== null) usage = chunk.usage;
    for (const choice of list(chunk.choices)) {
      const delta = object(choice.delta);
      role ??= delta.role;
      content += text(delta.content);
      reasoning += text(delta.reasoning_content);
      refusal += text(delta.refusal);
      if (Array.isArray(delta.reasoning_details)) details.push(...delta.reasoning_details);
      for (const call of list(delta.tool_calls)) {
        const index = number(call.index) ?? -1;
        const fn = object(call.function);
        if (index === calls.length) calls.push({ id: text(call.id), name: text(fn.name), arguments: '' });
        const known = calls[index];
        if (known === undefined) problems.push(`call ${index} after ${calls.length} calls`);
        else known.arguments += text(fn.arguments);
      }
      if (choice.finish_reason !== null && choice.finish_reason !== undefined) {
        if (finish !== undefined) problems.push('a second finish_reason');
        finish = choice.finish_reason;
      }
    }
  }
  if (role !== 'assistant' && envelope.error === undefined) problems.push(`the role is ${String(role)}`);
  const message: JsonObject = {
    role: 'assistant',
    content: content === '' ? null : content,
    ...(refusal === '' ? {} : { refusal }),
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(details.length === 0 ? {} : { reasoning_details: details }),
    ...(calls.length === 0
      ? {}
      : { tool_calls: calls.map(({ id, ...fn }) => ({ id, type: 'function', function: fn })) }),
  };
  return said({ ...envelope, usage }, message, finish, done && finish !== undefined, problems);
}

function said(
  { id, created, error, model, usage: counts }: JsonObject,
  message: JsonObject,
  finish: JsonValue | undefined,
  ended: boolean,
  problems: readonly string[],
): Said {
  const usage = object(counts);
  const calls = list(message.tool_calls).map(({ id, function: fn }) => {
    const { name, arguments: input } = object(fn);
    return { id: text(id), name: text(name), input: parse(text(input)) };
  });
  const total = number(usage.total_tokens);
  const prompt = number(usage.prompt_tokens);
  const completion = number(usage.completion_tokens);
  const adds = total === undefined || total === (prompt ?? 0) + (completion ?? 0);
  const failure = object(error);
  return {
    kept: [message],
    text: text(message.content) + text(message.refusal),
    reasoning: text(message.reasoning_content),
    calls,
    // A refusal in words ends as any answer does.
    ending: text(message.refusal) === '' ? ENDINGS[text(finish)] : 'refused',
    model: text(model),
    usage: {
      prompt,
      completion,
      cached: number(object(usage.prompt_tokens_details).cached_tokens),
      written: number(object(usage.prompt_tokens_details).cache_write_tokens),
      thought: number(object(usage.completion_tokens_details).reasoning_tokens),
    },
    error: error === undefined ? undefined : { kind: text(failure.type), message: text(failure.message) },
    ended,
    problems: [
      ...problems,
      ...(adds ? [] : [`${total} tokens in total`]),
      ...(ended && (typeof id !== 'string' || !Number.isInteger(created))
        ? [`${String(id)} of ${String(created)}`]
        : []),
    ],
  };
}
