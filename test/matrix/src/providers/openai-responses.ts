import type { JsonObject, JsonValue } from '@signalbox/kit';
import providerOpenai from '@signalbox/provider-openai';
import { openaiRefusals, responsesTurn } from '@signalbox/testkit';
import { dataUrl, list, number, object, parse, text } from '../json.ts';
import type { HeardPart, ProviderKind, Refusal } from '../wire.ts';
import { HearingAid } from './hearing-aid.ts';

const FIELDS =
  'model input instructions tools tool_choice parallel_tool_calls max_output_tokens text reasoning include store stream';
const ITEM_FIELDS: Readonly<Record<string, string>> = {
  message: 'role content phase',
  reasoning: 'summary content encrypted_content',
  function_call: 'call_id name arguments',
  function_call_output: 'call_id output',
};

/** The model's own: a part of its own kind in a message that is complete. */
function spokenRefusal(refusal: string): Refusal {
  const { body, frames } = responsesTurn({ text: [refusal.slice(0, 8), refusal.slice(8)] });
  const swap = (json: string): string =>
    json
      .replaceAll('"type":"output_text","text":', '"type":"refusal","refusal":')
      .replaceAll(',"annotations":[],"logprobs":[]}', '}')
      .replaceAll(',"logprobs":[],"sequence_number"', ',"sequence_number"')
      .replaceAll('response.output_text.delta', 'response.refusal.delta')
      .replaceAll('response.output_text.done', 'response.refusal.done')
      .replaceAll('"content_index":0,"text":', '"content_index":0,"refusal":');
  return { words: refusal, body: object(parse(swap(JSON.stringify(body)))), frames: frames.map(swap) };
}

export const responsesProvider: ProviderKind = {
  id: 'openai-responses',
  model: 'gpt-5.3',
  plugin: (baseUrl) => [
    providerOpenai,
    { name: 'openai-responses', apiKey: 'provider-key', baseUrl: `${baseUrl}/v1`, surface: 'responses' },
  ],
  read: ({ body = {} }) => {
    const aid = new HearingAid();
    aid.knows(body, FIELDS, 'the body');
    aid.hear([text(body.instructions)]);
    const items = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : list(body.input);
    for (const item of items) hearItem(item, aid);
    const { format } = object(body.text);
    return aid.heard({
      tools: list(body.tools).map((tool) => {
        const { type, name, description, parameters = null } = tool;
        aid.knows(tool, 'type name description parameters strict', 'a tool');
        if (type !== 'function') aid.mind(`a tool of type ${String(type)}`);
        return { name: text(name), description: text(description), schema: parameters };
      }),
      limit: number(body.max_output_tokens),
      stop: body.stop === undefined ? [] : ['stop'],
      schema: object(format).schema,
      reasons: object(body.reasoning).effort === 'high',
      stream: body.stream === true,
    });
  },
  refuses: ({ tools, text: said }) => {
    const strict = [...list(tools), object(object(said).format)].filter((one) => one.strict === true);
    return strict.flatMap(({ parameters, schema }) => openaiRefusals(object(parameters ?? schema)));
  },
  refusals: [{ words: '', ...responsesTurn({ stopReason: 'refusal' }) }, spokenRefusal('I cannot help with that.')],
  answer: (turn) => responsesTurn(turn),
  streamType: 'text/event-stream; charset=utf-8',
  error: (status, message) => ({
    error: { message, type: status === 429 ? 'rate_limit_error' : 'server_error', code: null, param: null },
  }),
  errorFrame: (message, behind) => {
    const error = { code: 'server_error', message };
    const response = { id: 'resp_scripted', object: 'response', status: 'failed', error, output: [] };
    return `event: response.failed\ndata: ${JSON.stringify({ type: 'response.failed', sequence_number: behind, response })}\n\n`;
  },
};

function hearItem(item: JsonObject, aid: HearingAid): void {
  const fields = ITEM_FIELDS[text(item.type ?? 'message')];
  aid.knows(item, `type id status ${fields ?? ''}`, `an item of type ${text(item.type)}`);
  switch (item.type) {
    case undefined:
    case 'message':
      if (item.role === 'developer' || item.role === 'system') {
        aid.hear(partsOf(item.content, aid).map((part) => (part.type === 'text' ? part.text : '')));
      } else aid.say(item.role, partsOf(item.content, aid));
      return;
    case 'reasoning': {
      const said = list(item.summary).map((part) => text(part.text));
      const signature = typeof item.encrypted_content === 'string' ? item.encrypted_content : undefined;
      aid.say('assistant', [{ type: 'reasoning', text: said.join(''), signature }]);
      return;
    }
    case 'function_call':
      if (typeof item.arguments !== 'string') aid.mind('arguments that are no text');
      aid.say('assistant', [
        { type: 'call', id: text(item.call_id), name: text(item.name), input: parse(text(item.arguments)) },
      ]);
      return;
    case 'function_call_output': {
      const parts = partsOf(item.output, aid);
      aid.say('user', [
        {
          type: 'result',
          id: text(item.call_id),
          text: parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n'),
          isError: false,
          images: parts.flatMap((part) => (part.type === 'image' ? [part.data] : [])),
        },
      ]);
      return;
    }
    default:
      aid.mind(`an item of type ${String(item.type)}`);
  }
}

function partsOf(content: JsonValue | undefined, aid: HearingAid): HeardPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return list(content).map((part): HeardPart => {
    switch (part.type) {
      case 'input_text':
      case 'output_text':
        return { type: 'text', text: text(part.text) };
      case 'input_image':
        return mediaOf('image', text(part.image_url), aid);
      case 'input_file':
        return mediaOf('document', text(part.file_data), aid);
      default:
        return aid.strange(`a part of type ${String(part.type)}`);
    }
  });
}

function mediaOf(type: 'image' | 'document', url: string, aid: HearingAid): HeardPart {
  const media = dataUrl(url);
  return media === undefined ? aid.strange('a URL that is no data') : { type, ...media };
}
