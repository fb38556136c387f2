import {
  type Block,
  BlockSequencer,
  defineFormat,
  errors,
  type JsonObject,
  type Notes,
  newId,
  parseJson,
  retryAfterSeconds,
  SseDecoder,
  type SseFrame,
  SseRelay,
  type StopReason,
  type StreamEvent,
  type Usage,
} from '@signalbox/kit';

const ID = 'acme';
const UNSAID = ['topP', 'topK', 'temperature', 'reasoning', 'responseFormat', 'userId', 'tools', 'toolChoice'] as const;
const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const count = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
const frame = (event: JsonObject): string => `data: ${JSON.stringify(event)}\n\n`;
const failure = (said: unknown) => errors.providerFailed(502, text(said) || 'Acme failed in the middle of its answer.');

/** One frame: what it says, a failure, or nothing that we know. */
function eventOf({ data }: SseFrame): JsonObject {
  const event = parseJson(data);
  return isObject(event) ? event : {};
}
function usageOf({ tokens_in, tokens_out }: JsonObject): Usage {
  const [promptTokens, completionTokens] = [count(tokens_in), count(tokens_out)];
  return {
    ...(promptTokens === undefined ? {} : { promptTokens }),
    ...(completionTokens === undefined ? {} : { completionTokens }),
  };
}
const encodeUsage = ({ promptTokens, completionTokens }: Usage = {}): JsonObject => ({
  tokens_in: promptTokens,
  tokens_out: completionTokens,
});
function endOf(reason: StopReason, notes: Notes): string {
  if (reason === 'max-tokens' || reason === 'context-window-exceeded') return 'full';
  if (reason !== 'end-turn') notes.add('stopReason', 'approximated', `Acme has no word for ${reason}`);
  return 'done';
}
function wordsOf(block: Block, path: string, notes: Notes): string {
  if (block.type === 'text') return block.text;
  if (block.type === 'opaque') notes.opaqueBlock(block, path);
  else notes.add(path, 'dropped', `Acme has no ${block.type}`);
  return '';
}
function bodyOf(body: string): JsonObject {
  try {
    const value = parseJson(body);
    return isObject(value) ? value : {};
  } catch {
    return {}; // a proxy's page
  }
}
const stopReasonOf = (end: unknown) => (end === 'full' ? 'max-tokens' : 'end-turn');

/** The relay reads what passes by: first content, end, error, counts. */
class AcmeRelay extends SseRelay {
  usage: Usage | undefined;
  protected frame({ data }: SseFrame, last: boolean): void {
    if (this.committed && !data.includes('"end"') && !data.includes('"error"')) return;
    try {
      const event = eventOf({ event: '', data });
      if (text(event.say) !== '') this.committed = true;
      if (event.error !== undefined) this.fail(failure(event.error), true);
      if (event.end !== undefined && this.error === undefined) {
        this.usage = usageOf(event);
        this.finished = true;
      }
    } catch {
      if (!last) this.fail(errors.malformedReply('Acme sent a frame that is no JSON.'));
    }
  }
}

/** Acme's chat: texts in, text out. */
export const acme = defineFormat({
  id: ID,
  ingress: [{ method: 'POST', path: '/acme/chat', operation: 'chat' }],
  recognises: ({ path }) => path.startsWith('/acme/'),
  resembles: (body) => (Array.isArray(body.turns) ? 2 : 0),
  requestIdHeader: 'acme-request-id',
  forwardsReplyHeader: (name) => name === 'acme-region',

  decodeRequest({ model, stream, system, turns, max, ...own }) {
    if (typeof model !== 'string') throw errors.invalidRequest('model: must be a string');
    if (!Array.isArray(turns)) throw errors.invalidRequest('turns: must be a list');
    return {
      model,
      stream: stream === true,
      system: text(system) === '' ? [] : [{ type: 'text', text: text(system) }],
      messages: turns.map((turn, at) => {
        if (!isObject(turn) || typeof turn.text !== 'string')
          throw errors.invalidRequest(`turns[${at}].text: must be a string`);
        const role = turn.from === 'acme' ? 'assistant' : turn.from === 'system' ? 'system' : 'user';
        return { role, content: [{ type: 'text', text: turn.text }] };
      }),
      tools: [],
      ...(typeof max === 'number' ? { maxOutputTokens: max } : {}),
      // What only this wire has returns to it, and is noted elsewhere.
      ...(Object.keys(own).length === 0 ? {} : { extensions: { [ID]: own } }),
    };
  },
  encodeRequest(request, { model, notes, enforceStopSequences }) {
    const told = (content: readonly Block[], at: string): string =>
      content
        .flatMap((block, index) => {
          const path = `${at}[${index}]`;
          if (block.type !== 'text') return wordsOf(block, path, notes) || [];
          if (block.cacheControl !== undefined)
            notes.add(`${path}.cacheControl`, 'dropped', 'Acme has no prompt cache');
          notes.foreignExtensions(block.extensions, ID, path);
          return block.text;
        })
        .join('\n\n');
    for (const key of UNSAID) {
      const value = request[key];
      if (value !== undefined && !(Array.isArray(value) && value.length === 0))
        notes.add(key, 'dropped', 'Acme has no such field');
    }
    notes.foreignExtensions(request.extensions, ID, '');
    if (request.parallelToolCalls !== undefined) notes.add('parallelToolCalls', 'dropped', 'Acme has no tools');
    if (request.stopSequences !== undefined) enforceStopSequences(request.stopSequences);
    const system = told(request.system, 'system');
    return {
      ...request.extensions?.[ID],
      model,
      stream: request.stream,
      ...(system === '' ? {} : { system }),
      turns: request.messages.map(({ role, content }, at) => ({
        from: role === 'assistant' ? 'acme' : role,
        text: told(content, `messages[${at}].content`),
      })),
      ...(request.maxOutputTokens === undefined ? {} : { max: request.maxOutputTokens }),
    };
  },

  inspectReply: (body) => ({
    usage: usageOf(body),
    error: typeof body.text === 'string' ? undefined : errors.malformedReply('This is no answer of Acme’s.'),
  }),
  decodeReply(body) {
    if (typeof body.text !== 'string') throw errors.malformedReply('This is no answer of Acme’s.');
    const content: Block[] = body.text === '' ? [] : [{ type: 'text', text: body.text }];
    return {
      id: text(body.id),
      content,
      stopReason: stopReasonOf(body.end),
      rawStopReason: text(body.end),
      usage: usageOf(body),
    };
  },
  encodeReply: ({ content, stopReason, usage }, client) => ({
    id: client.id ?? newId('acme_'),
    model: client.model,
    text: content.map((block, at) => wordsOf(block, `content[${at}]`, client.notes)).join(''),
    end: endOf(stopReason, client.notes),
    ...encodeUsage(usage),
  }),

  createStreamDecoder() {
    const sse = new SseDecoder();
    const blocks = new BlockSequencer();
    const read = (event: JsonObject): void => {
      if (event.start !== undefined) blocks.start({ id: text(event.start) });
      blocks.text(text(event.say));
      if (event.error !== undefined) blocks.fail(failure(event.error).info());
      if (event.end === undefined) return;
      blocks.usage(usageOf(event));
      blocks.end({ stopReason: stopReasonOf(event.end), rawStopReason: text(event.end) });
    };
    return {
      push(chunk) {
        try {
          for (const one of sse.push(chunk)) read(eventOf(one));
        } catch {
          blocks.fail(errors.malformedReply('Acme sent a frame that is no JSON.').info());
        }
        return blocks.take();
      },
      // A last frame without its blank line may be half a frame: this wire always sends the blank line.
      end() {
        blocks.fail(errors.cutStream('Acme broke off in the middle of its answer.').info());
        return blocks.take();
      },
    };
  },
  createStreamEncoder(client) {
    const { notes } = client;
    let opened = false;
    let usage: Usage = {};
    const open = (): string => {
      if (opened) return '';
      opened = true;
      return frame({ start: client.id ?? newId('acme_') });
    };
    const write = (event: StreamEvent): string => {
      if (event.type === 'message-start') return open();
      if (event.type === 'text-delta') return open() + frame({ say: event.text });
      if (event.type === 'block-start' && event.block.type !== 'text') {
        notes.add(`content[${event.index}]`, 'dropped', `Acme has no ${event.block.type}`);
      }
      if (event.type === 'usage') usage = { ...usage, ...event.usage };
      if (event.type === 'error') return frame({ error: event.error.message });
      return event.type === 'message-end'
        ? open() + frame({ end: endOf(event.stopReason, notes), ...encodeUsage(usage) })
        : '';
    };
    return {
      contentType: 'text/event-stream',
      open,
      encode: (events) => events.map(write).join(''),
      keepAlive: () => ': alive\n\n',
      fail: (error) => frame({ error: error.message }),
    };
  },
  createStreamRelay: () => new AcmeRelay(),

  decodeError(status, headers, body) {
    const { error } = bodyOf(body);
    const message = text(error) || `Acme answered with status ${status}.`;
    if (message.startsWith('too long')) return errors.contextOverflow(message);
    const seconds = retryAfterSeconds(headers, message);
    const rest = {
      ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
      ...(error === undefined ? {} : { wire: { format: ID, status, body: { error } } }),
    };
    // Its words may repeat the gateway's key.
    if (status === 401 || status === 403) return errors.providerAuth('Acme refused the key.');
    if (status === 402) return errors.providerBilling(message, rest);
    if (status === 404) return errors.modelNotFound(message, rest);
    if (status === 429) return errors.rateLimited(message, rest);
    return status >= 500
      ? errors.providerFailed(status, message, rest)
      : errors.providerRejected(status, message, rest);
  },
  encodeError({ code, status, message, wire }) {
    if (wire?.format === ID) return { status: wire.status, headers: {}, body: wire.body };
    return { status, headers: {}, body: { error: code === 'CONTEXT_OVERFLOW' ? `too long: ${message}` : message } };
  },
  encodeModels: (models) => ({ models: models.map(({ id }) => id) }),
  encodeModel: ({ id }) => ({ model: id }),
});
export default acme;
