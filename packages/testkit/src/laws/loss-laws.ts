import assert from 'node:assert/strict';
import {
  type ChatReply,
  type ChatRequest,
  type ClientContext,
  collectMessage,
  type Format,
  messageToEvents,
  type Tool,
  type ToolChoice,
} from '@signalbox/kit';
import fc from 'fast-check';
import { arbitraryReply, arbitraryRequest, type Features } from './arbitraries.ts';
import { clientContext, decodeAgain, type FormatOptions, targetContext } from './format-context.ts';
import { deepFreeze, type Law } from './law.ts';
import { type Loss, replyLosses, requestLosses, untold } from './losses.ts';
import { decodeStream, jsonOf } from './reply-laws.ts';

/**
 * Nothing is lost silently: whatever the canonical model can say goes in, and what does not come out of the wire again has a
 * note. `features` do not restrict it: what a format cannot say is what it has to note.
 */
export function lossLaws(format: Format, options: FormatOptions): Law[] {
  const { runs: numRuns = 100 } = options;
  const { reasoningState } = options.features ?? {};
  const own: Features = { reasoningState: reasoningState ?? { origin: options.reasoningOrigin ?? format.id } };
  if (options.features?.redacted === false || reasoningState === false) own.redacted = false;
  const foreign: Features = { reasoningState: { origin: 'someone-else' } };

  const request = (features: Features) => ({
    name: `what ${features === own ? 'a request' : 'a request with reasoning of another origin'} loses on the wire has a note`,
    check: () =>
      fc.assert(
        fc.property(fullRequest(features), (request) => {
          const enforced: string[] = [];
          const enforceStopSequences = (sequences: readonly string[]) => void enforced.push(...sequences);
          const target = { ...targetContext(format, options, request.model), enforceStopSequences };
          const again = decodeAgain(format, format.encodeRequest(deepFreeze(request), target), request);
          allTold(requestLosses(request, again, enforced), target.notes.list);
        }),
        { numRuns },
      ),
  });
  const reply = (stream: boolean) => ({
    name: `what a ${stream ? 'streamed' : 'whole'} reply loses on the wire has a note`,
    check: () =>
      fc.assert(
        fc.property(fc.oneof(arbitraryReply(own), arbitraryReply(foreign)), (reply) => {
          const client = clientContext(format, options);
          const again = stream
            ? collectMessage(decodeStream(format, [encodeStream(reply, client)], options))
            : format.decodeReply(jsonOf(format.encodeReply(deepFreeze(reply), client)), targetContext(format, options));
          allTold(replyLosses(reply, again), client.notes.list);
        }),
        { numRuns },
      ),
  });
  const encodeStream = (reply: ChatReply, client: ClientContext) =>
    Buffer.from(format.createStreamEncoder(client).encode(deepFreeze(messageToEvents(reply))));
  return [request(own), request(foreign), reply(false), reply(true)];
}

function allTold(losses: readonly Loss[], notes: Parameters<typeof untold>[1]): void {
  const silent = untold(losses, notes);
  const paths = notes.map(({ path }) => path).join(', ') || 'none';
  assert.ok(
    silent.length === 0,
    `lost without a note: ${silent.map(([path, value]) => `${path} (${JSON.stringify(value)})`).join(', ')}; notes: ${paths}`,
  );
}

/** A request with everything that the model has a field for, some of it at a time. */
function fullRequest(features: Features): fc.Arbitrary<ChatRequest> {
  const schema = { type: 'object', properties: { a: { type: 'string' } } };
  const more = fc.record(
    {
      topK: fc.integer({ min: 1, max: 100 }),
      parallelToolCalls: fc.constant(false),
      userId: fc.stringMatching(/^[a-z0-9]{8,20}$/),
      reasoning: fc.constantFrom<NonNullable<ChatRequest['reasoning']>>(
        { mode: 'disabled' },
        { mode: 'adaptive', effort: 'medium' },
        { mode: 'budget', budgetTokens: 2048 },
      ),
      responseFormat: fc.constantFrom<NonNullable<ChatRequest['responseFormat']>>(
        { type: 'json-object' },
        { type: 'json-schema', schema, name: 'answer', strict: true },
      ),
    },
    { requiredKeys: [] },
  );
  const isError = fc.boolean();
  const stops = fc.uniqueArray(fc.stringMatching(/^[a-z]{3,8}$/), { minLength: 1, maxLength: 12 });
  return fc
    .tuple(arbitraryRequest(features), more, fc.nat(), isError, fc.option(stops, { nil: undefined }))
    .map(([request, more, pick, failed, stopSequences]) => ({
      ...request,
      ...more,
      ...chosen(request.tools, pick),
      ...(stopSequences === undefined ? {} : { stopSequences }),
      messages: request.messages.map((message) => ({
        ...message,
        content: message.content.map((block) =>
          block.type === 'tool-result' && failed ? { ...block, isError: true } : block,
        ),
      })),
    }));
}

function chosen(tools: readonly Tool[], pick: number): { toolChoice?: ToolChoice } {
  const name = tools[pick % Math.max(1, tools.length)]?.name;
  if (name === undefined) return {};
  const choices: (ToolChoice | undefined)[] = [
    undefined,
    ...[{ type: 'auto' } as const, { type: 'required' } as const, { type: 'none' } as const],
    { type: 'tool', name },
    { type: 'allowed', mode: 'auto', names: [name] },
    { type: 'allowed', mode: 'required', names: [name] },
  ];
  const toolChoice = choices[pick % choices.length];
  return toolChoice === undefined ? {} : { toolChoice };
}
