import {
  type Block,
  type ChatReply,
  type ChatRequest,
  collectMessage,
  errors,
  type Format,
  type JsonObject,
  type JsonValue,
  ReplyCallIds,
  SignalboxError,
  SseDecoder,
  type StreamEvent,
  type StreamRelay,
  type TargetContext,
  type Usage,
} from '@signalbox/kit';

/** A wire format that is the canonical model itself, as JSON: the smallest format that keeps every law. */
export const sampleFormat: Format = {
  id: 'sample',
  ingress: [{ method: 'POST', path: '/sample/chat', operation: 'chat' }],
  recognises: ({ path }) => path.startsWith('/sample/'),
  requestIdHeader: 'sample-request-id',
  forwardsReplyHeader: () => false,
  decodeRequest: (body) => {
    if (typeof body.model !== 'string' || !Array.isArray(body.messages)) throw errors.invalidRequest('model: missing');
    return { ...body } as unknown as ChatRequest;
  },
  encodeRequest: (request, target) => ({
    ...(forTarget(request, target) as unknown as JsonObject),
    model: target.model,
  }),
  decodeReply: (body, { toolNames }) => {
    const blocks =
      Array.isArray(body.content) && body.content.every((block) => typeof block === 'object' && block !== null);
    if (!blocks || typeof body.stopReason !== 'string') throw errors.malformedReply('No reply.');
    const reply = body as unknown as ChatReply;
    return { ...reply, content: reply.content.map((block) => called(block, (name) => toolNames.original(name))) };
  },
  encodeReply: (reply, client) => {
    const ids = new ReplyCallIds(() => client.request, 'call_');
    const content = reply.content.map((block) =>
      block.type === 'tool-call' ? { ...block, id: ids.claim(block.id) } : block,
    );
    return { ...(reply as unknown as JsonObject), content: content as unknown as JsonValue, model: client.model };
  },
  createStreamDecoder: ({ toolNames }) => {
    const sse = new SseDecoder();
    let ended = false;
    const read = (frames: { data: string }[]) => {
      const events: StreamEvent[] = [];
      for (const { data } of frames) {
        const event = ended ? undefined : nextEvent(data, guard);
        if (event === undefined) continue;
        ended = event.type === 'message-end' || event.type === 'error';
        events.push(
          event.type === 'block-start' && event.block?.type === 'tool-call'
            ? { ...event, block: { ...event.block, name: toolNames.original(event.block.name) } }
            : event,
        );
      }
      return events;
    };
    const guard = createGuard();
    return {
      push: (chunk) => read(sse.push(chunk)),
      end: () => {
        // A last frame without its blank line may be half a frame: this wire always sends the blank line.
        if (ended) return [];
        ended = true;
        return [{ type: 'error', error: errors.cutStream('The stream broke off.').info() }];
      },
    };
  },
  createStreamEncoder: (client) => {
    const { model } = client;
    const ids = new ReplyCallIds(() => client.request, 'call_');
    let started = false;
    const frame = (event: StreamEvent) => {
      if (event.type === 'block-start' && event.block.type === 'tool-call') {
        return write({ ...event, block: { ...event.block, id: ids.claim(event.block.id) } });
      }
      if (event.type !== 'message-start') return write(event);
      if (started) return '';
      started = true;
      return write({ ...event, model });
    };
    return {
      contentType: 'text/event-stream',
      open: () => frame({ type: 'message-start' }),
      encode: (events) => events.map(frame).join(''),
      keepAlive: () => ': alive\n\n',
      fail: (error) => frame({ type: 'error', error: error.info() }),
    };
  },
  createStreamRelay: ({ echoModel }) => sampleRelay(echoModel),
  inspectReply: (body) => ({ usage: body.usage as Usage | undefined, error: undefined }),
  decodeError: (status, _headers, body) => {
    if (status === 401 || status === 403) return errors.providerAuth('The provider refused the key.');
    try {
      const { code, message, retryAfterSeconds } = JSON.parse(body) as Record<string, never>;
      if (typeof code === 'string')
        return new SignalboxError(code, message ?? '', { status, retryAfterSeconds: retryAfterSeconds ?? 0 });
    } catch {
      // Not ours: the status alone decides.
    }
    return errors.providerFailed(status, 'The provider failed.');
  },
  encodeError: (error) => ({
    status: error.status,
    headers: error.retryAfterSeconds === undefined ? {} : { 'retry-after': String(error.retryAfterSeconds) },
    body: { ...error.info() },
  }),
  encodeModels: (models) => ({ models: models.map(({ id }) => id) }),
  encodeModel: ({ id }) => ({ id }),
};

/** Names as the provider takes them, and reasoning only where it comes from. */
function forTarget(request: ChatRequest, { toolNames, notes, reasoningOrigin }: TargetContext): ChatRequest {
  const { toolChoice } = request;
  const alias = (name: string) => toolNames.alias(name);
  const own = (block: Block, path: string) => {
    if (block.type !== 'reasoning' || (block.state?.origin ?? reasoningOrigin) === reasoningOrigin) return true;
    notes.add(path, 'dropped', 'reasoning of another origin');
    return false;
  };
  return {
    ...request,
    tools: request.tools.map((tool) => (tool.type === 'function' ? { ...tool, name: alias(tool.name) } : tool)),
    ...(toolChoice?.type === 'tool' ? { toolChoice: { ...toolChoice, name: alias(toolChoice.name) } } : {}),
    messages: request.messages.map((message, at) => ({
      ...message,
      content: message.content
        .filter((block, place) => own(block, `messages[${at}].content[${place}]`))
        .map((block) => called(block, alias)),
    })),
  };
}

function called(block: Block, name: (name: string) => string): Block {
  return block.type === 'tool-call' ? { ...block, name: name(block.name) } : block;
}

function write(event: StreamEvent): string {
  return `data: ${JSON.stringify(event)}\n\n`;
}

type Guard = (event: StreamEvent) => boolean;

/** The event of a frame; a frame that is none, or comes out of place, makes the reply malformed. */
function nextEvent(data: string, fits: Guard): StreamEvent | undefined {
  try {
    const event = JSON.parse(data) as StreamEvent;
    if (fits(event)) return event;
  } catch {
    // Said below.
  }
  return { type: 'error', error: errors.malformedReply('A frame is out of place.').info() };
}

/** Keeps the grammar by remembering the open block. */
function createGuard(): Guard {
  let started = false;
  let open: number | undefined;
  let next = 0;
  return (event) => {
    if (event.type === 'error') return true;
    if (event.type === 'message-start') {
      const first = !started;
      started = true;
      return first;
    }
    if (!started) return false;
    if (event.type === 'usage' || event.type === 'message-end') return open === undefined;
    if (event.type === 'block-start') {
      const fits = open === undefined && event.index === next;
      open = next++;
      return fits;
    }
    if (open === undefined || !('index' in event) || event.index !== open) return false;
    if (event.type === 'block-end') open = undefined;
    return true;
  };
}

function sampleRelay(echoModel: string | undefined): StreamRelay {
  const sse = new SseDecoder();
  const chunks: Uint8Array[] = [];
  const seen: StreamEvent[] = [];
  let tail = '';
  return {
    push: (chunk) => {
      tail = (tail + Buffer.from(chunk).toString('latin1')).slice(-2);
      for (const { data } of sse.push(chunk)) {
        try {
          seen.push(JSON.parse(data) as StreamEvent);
        } catch {
          // Not ours to judge: the bytes go on.
        }
      }
      if (echoModel === undefined) return chunk;
      chunks.push(Uint8Array.from(chunk));
      return '';
    },
    end: () =>
      Buffer.concat(chunks)
        .toString()
        .replace(/"model":"[^"]*"/, `"model":${JSON.stringify(echoModel)}`),
    get betweenFrames() {
      return tail === '' || tail.endsWith('\n\n');
    },
    get committed() {
      return seen.some(({ type }) => type === 'block-start');
    },
    get finished() {
      return seen.some(({ type }) => type === 'message-end');
    },
    get errorShown() {
      return seen.some(({ type }) => type === 'error');
    },
    get error() {
      const failed = seen.find((event) => event.type === 'error');
      return failed?.type === 'error' ? SignalboxError.fromInfo(failed.error) : undefined;
    },
    get usage() {
      return collectMessage([
        ...seen.filter(({ type }) => type === 'usage'),
        { type: 'message-end', stopReason: 'end-turn' },
      ]).usage;
    },
  };
}
