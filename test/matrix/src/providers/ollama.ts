import type { JsonObject } from '@signalbox/kit';
import providerOllama from '@signalbox/provider-ollama';
import { ollamaTurn } from '@signalbox/testkit';
import { list, number, object, parse, text } from '../json.ts';
import type { HeardPart, ProviderKind } from '../wire.ts';
import { HearingAid } from './hearing-aid.ts';

export const ollamaProvider: ProviderKind = {
  id: 'ollama',
  model: 'gpt-oss:20b',
  plugin: (baseUrl) => [providerOllama, { name: 'ollama', baseUrl }],
  read: ({ body = {} }) => {
    const aid = new HearingAid();
    aid.knows(body, 'model messages tools format think options keep_alive stream truncate shift', 'the body');
    for (const message of list(body.messages)) {
      const { role, content } = message;
      aid.knows(
        message,
        'role content images thinking tool_calls tool_name tool_call_id',
        `a message of ${text(role)}`,
      );
      if (typeof content !== 'string') aid.mind('content that is no text');
      const said: HeardPart[] = text(content) === '' ? [] : [{ type: 'text', text: text(content) }];
      if (role === 'system') {
        aid.hear([text(content)]);
      } else if (role === 'tool') {
        aid.say('user', [
          {
            type: 'result',
            id: typeof message.tool_call_id === 'string' ? message.tool_call_id : undefined,
            name: text(message.tool_name),
            text: text(content),
            isError: false,
            images: [],
          },
        ]);
      } else {
        aid.say(role, [...reasoningOf(message), ...said, ...imagesOf(message), ...callsOf(message, aid)]);
      }
    }
    const options = object(body.options);
    aid.knows(options, 'num_ctx num_predict stop', 'the options');
    return aid.heard({
      tools: list(body.tools).map(({ function: fn }) => {
        const { name, description, parameters = null } = object(fn);
        return { name: text(name), description: text(description), schema: parameters };
      }),
      limit: number(options.num_predict),
      stop: Array.isArray(options.stop) ? options.stop.map(text) : [],
      schema: body.format,
      reasons: body.think === true || body.think === 'high',
      stream: body.stream !== false,
    });
  },
  refuses: ({ format }) => {
    const taken = format === undefined || format === 'json' || (typeof format === 'object' && format !== null);
    return taken ? [] : ['a format that is no schema'];
  },
  refusals: [],
  answer: (turn) => ollamaTurn(turn),
  withoutIds: (turn) => {
    const { body, frames } = ollamaTurn(turn);
    const swap = (json: string): string => json.replaceAll(/\{"id":"[^"]*","function":/g, '{"function":');
    return { body: object(parse(swap(JSON.stringify(body)))), frames: frames.map(swap) };
  },
  streamType: 'application/x-ndjson',
  error: (_status, message) => ({ error: message }),
  errorFrame: (message) => `${JSON.stringify({ error: message })}\n`,
};

function imagesOf({ images }: JsonObject): HeardPart[] {
  return Array.isArray(images) ? images.map((data) => ({ type: 'image', data: text(data) })) : [];
}

function reasoningOf({ thinking }: JsonObject): HeardPart[] {
  return typeof thinking === 'string' && thinking !== '' ? [{ type: 'reasoning', text: thinking }] : [];
}

function callsOf({ tool_calls: calls }: JsonObject, aid: HearingAid): HeardPart[] {
  return list(calls).map(({ id, function: fn }) => {
    const { name, arguments: input } = object(fn);
    if (typeof input !== 'object') aid.mind('arguments that are no object');
    return { type: 'call', id: typeof id === 'string' ? id : undefined, name: text(name), input: input ?? null };
  });
}
