import type { JsonObject } from '@signalbox/kit';
import { list, number, object, parse, text } from '../json.ts';
import type { ClientKind, Ending, Said } from '../wire.ts';

const ENDINGS: Readonly<Record<string, Ending>> = { stop: 'end', length: 'limit' };

export const ollamaClient: ClientKind = {
  id: 'ollama',
  headers: {},
  path: () => '/api/chat',
  body: (ask, model, stream) => ({
    model,
    messages: [
      ...(ask.system === undefined ? [] : [{ role: 'system', content: ask.system }]),
      ...ask.turns.map(({ role, text: content, image }) => ({
        role,
        content,
        ...(image === undefined ? {} : { images: [image] }),
      })),
    ],
    ...(ask.tools === undefined
      ? {}
      : {
          tools: ask.tools.map(({ schema, strict: _, ...tool }) => ({
            type: 'function',
            function: { ...tool, parameters: schema },
          })),
        }),
    ...(ask.schema === undefined ? {} : { format: ask.schema }),
    ...(ask.reasons === true ? { think: 'high' } : {}),
    options: { num_predict: ask.limit ?? 4096, ...(ask.stop === undefined ? {} : { stop: [ask.stop] }) },
    stream,
  }),
  // Templates have no place for an image in a tool's result: it follows.
  next: (body, said, { results = [], text: then, withoutIds = false }) => {
    const images = results.flatMap(({ image }) => (image === undefined ? [] : [image]));
    return {
      ...body,
      messages: [
        ...list(body.messages),
        ...said.kept,
        ...results.map(({ text: content }, index) => {
          const { id, name = '' } = said.calls[index] ?? {};
          return {
            role: 'tool',
            tool_name: name,
            ...(id === undefined || withoutIds ? {} : { tool_call_id: id }),
            content,
          };
        }),
        ...(images.length === 0 ? [] : [{ role: 'user', content: '', images }]),
        ...(then === undefined ? [] : [{ role: 'user', content: then }]),
      ],
    };
  },
  read: (raw, stream) => readLines(stream ? raw.split('\n').filter((line) => line !== '') : [raw]),
  rateLimited: '',
};

function readLines(lines: readonly string[]): Said {
  const problems: string[] = [];
  const calls: JsonObject[] = [];
  let content = '';
  let thinking = '';
  let last: JsonObject = {};
  let error: string | undefined;
  for (const line of lines) {
    if (last.done === true) problems.push('a line behind the end');
    const frame = object(parse(line));
    if (typeof frame.error === 'string') {
      error = frame.error;
      continue;
    }
    const message = object(frame.message);
    if (Number.isNaN(Date.parse(text(frame.created_at)))) problems.push(`made at ${String(frame.created_at)}`);
    if (message.role !== 'assistant') problems.push(`the role is ${String(message.role)}`);
    content += text(message.content);
    thinking += text(message.thinking);
    calls.push(...list(message.tool_calls));
    last = frame;
  }
  return {
    kept: [
      {
        role: 'assistant',
        content,
        ...(thinking === '' ? {} : { thinking }),
        ...(calls.length === 0 ? {} : { tool_calls: calls }),
      },
    ],
    text: content,
    reasoning: thinking,
    calls: calls.map((call) => {
      const { name, arguments: input } = object(call.function);
      return { ...(typeof call.id === 'string' ? { id: call.id } : {}), name: text(name), input: input ?? null };
    }),
    ending: calls.length > 0 && last.done_reason === 'stop' ? 'calls' : ENDINGS[text(last.done_reason)],
    model: text(last.model),
    usage: { prompt: number(last.prompt_eval_count), completion: number(last.eval_count) },
    error: error === undefined ? undefined : { kind: '', message: error },
    ended: last.done === true && typeof last.done_reason === 'string' && last.done_reason !== '',
    problems,
  };
}
