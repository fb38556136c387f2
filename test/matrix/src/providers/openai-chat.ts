import type { JsonObject, JsonValue } from '@signalbox/kit';
import providerCompatible from '@signalbox/provider-compatible';
import { openaiChatTurn, openaiRefusals } from '@signalbox/testkit';
import { dataUrl, list, number, object, parse, text } from '../json.ts';
import type { HeardPart, ProviderKind, Refusal } from '../wire.ts';
import { HearingAid } from './hearing-aid.ts';

const FIELDS =
  'model messages tools tool_choice parallel_tool_calls max_tokens max_completion_tokens stop stream stream_options response_format reasoning_effort';
const MESSAGE_FIELDS: Readonly<Record<string, string>> = {
  // The two fields beside OpenAI's own are how other servers, and clients of them, keep reasoning.
  assistant: 'tool_calls refusal reasoning_content reasoning_details',
  tool: 'tool_call_id',
};

/** The model's own: words in a place of their own, and an end like any other. */
function spokenRefusal(refusal: string): Refusal {
  const [before = '', after = ''] = [refusal.slice(0, 8), refusal.slice(8)];
  const said = openaiChatTurn({ text: [before, after] });
  const [choice = {}] = list(said.body.choices);
  return {
    words: refusal,
    body: { ...said.body, choices: [{ ...choice, message: { role: 'assistant', content: null, refusal } }] },
    frames: said.frames.map((frame, index) =>
      index === 0 ? frame : frame.replace('"delta":{"content":', '"delta":{"refusal":'),
    ),
  };
}

export const chatProvider: ProviderKind = {
  id: 'openai-chat',
  model: 'some-model',
  plugin: (baseUrl) => [
    providerCompatible,
    {
      name: 'openai-chat',
      apiKey: 'provider-key',
      baseUrl: `${baseUrl}/v1`,
      format: 'openai-chat',
      // A server that takes all that the format has.
      dialect: { documents: 'file', strictTools: true },
      verbatim: true,
    },
  ],
  read: ({ body = {} }) => {
    const aid = new HearingAid();
    aid.knows(body, FIELDS, 'the body');
    for (const message of list(body.messages)) {
      const { role, content } = message;
      aid.knows(message, `role content ${MESSAGE_FIELDS[text(role)] ?? ''}`, `a message of ${text(role)}`);
      if (role === 'system' || role === 'developer') {
        aid.hear(partsOf(content, aid).map((part) => (part.type === 'text' ? part.text : '')));
      } else if (role === 'tool') {
        if (typeof content !== 'string') aid.mind('a tool message that is no text');
        aid.say('user', [
          { type: 'result', id: text(message.tool_call_id), text: text(content), isError: false, images: [] },
        ]);
      } else {
        aid.say(role, [...reasoningOf(message), ...partsOf(content, aid), ...callsOf(message, aid)]);
      }
    }
    const { json_schema: schema } = object(body.response_format);
    return aid.heard({
      tools: list(body.tools).map(({ function: fn }) => {
        aid.knows(object(fn), 'name description parameters strict', 'a tool');
        const { name, description, parameters = null } = object(fn);
        return { name: text(name), description: text(description), schema: parameters };
      }),
      limit: number(body.max_completion_tokens) ?? number(body.max_tokens),
      stop: typeof body.stop === 'string' ? [body.stop] : Array.isArray(body.stop) ? body.stop.map(text) : [],
      schema: object(schema).schema,
      reasons: body.reasoning_effort === 'high',
      stream: body.stream === true,
    });
  },
  refuses: ({ tools, response_format: format }) => {
    const strict = [...list(tools).map((tool) => object(tool.function)), object(object(format).json_schema)].filter(
      (one) => one.strict === true,
    );
    return strict.flatMap(({ parameters, schema }) => openaiRefusals(object(parameters ?? schema)));
  },
  refusals: [{ words: '', ...openaiChatTurn({ stopReason: 'refusal' }) }, spokenRefusal('I cannot help with that.')],
  answer: (turn) => openaiChatTurn(turn),
  streamType: 'text/event-stream; charset=utf-8',
  error: (status, message) => ({
    error: { message, type: status === 429 ? 'rate_limit_error' : 'server_error', code: null, param: null },
  }),
  errorFrame: (message) => `data: ${JSON.stringify({ error: { message, code: 500 } })}\n\n`,
};

function partsOf(content: JsonValue | undefined, aid: HearingAid): HeardPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return list(content).map((part): HeardPart => {
    switch (part.type) {
      case 'text':
        aid.knows(part, 'type text', 'a text');
        return { type: 'text', text: text(part.text) };
      case 'image_url':
        return mediaOf('image', text(object(part.image_url).url), aid);
      case 'file':
        return mediaOf('document', text(object(part.file).file_data), aid);
      default:
        return aid.strange(`a part of type ${String(part.type)}`);
    }
  });
}

function mediaOf(type: 'image' | 'document', url: string, aid: HearingAid): HeardPart {
  const media = dataUrl(url);
  return media === undefined ? aid.strange('a URL that is no data') : { type, ...media };
}

function reasoningOf({ reasoning_content: said }: JsonObject): HeardPart[] {
  return typeof said === 'string' && said !== '' ? [{ type: 'reasoning', text: said }] : [];
}

function callsOf({ tool_calls: calls }: JsonObject, aid: HearingAid): HeardPart[] {
  return list(calls).map(({ id, function: fn }) => {
    const { name, arguments: input } = object(fn);
    if (typeof input !== 'string') aid.mind('arguments that are no text');
    if (text(id) === '' || text(id).length > 40) aid.mind(`the id ${text(id)}`);
    return { type: 'call', id: text(id), name: text(name), input: parse(text(input)) };
  });
}
