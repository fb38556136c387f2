import assert from 'node:assert/strict';
import {
  type Block,
  type ChatReply,
  type ChatRequest,
  type Format,
  type Message,
  messageToEvents,
} from '@signalbox/kit';
import { clientContext, decodeAgain, type FormatOptions, targetContext } from './format-context.ts';
import type { Law } from './law.ts';
import { PLAIN } from './plain-request.ts';
import { callIn, contentOf, decodeStream, jsonOf } from './reply-laws.ts';

const NAMES = ['look_up', 'write_down'] as const;
const TOOLS = NAMES.map((name) => ({
  type: 'function' as const,
  name,
  inputSchema: { type: 'object', properties: {} },
}));

/** What a request owes to the target it is meant for, and the reply to what the request said. */
export function targetLaws(format: Format, options: FormatOptions): Law[] {
  const encode = (request: Partial<ChatRequest>) => {
    const enforced: string[] = [];
    const enforceStopSequences = (sequences: readonly string[]) => void enforced.push(...sequences);
    const target = { ...targetContext(format, options, 'target-model'), enforceStopSequences };
    const body = format.encodeRequest({ ...PLAIN, ...request }, target);
    return { body, wire: JSON.stringify(body), target, enforced, noted: target.notes.list.length > 0 };
  };
  const origin = options.reasoningOrigin ?? format.id;
  const bothWays = (reply: ChatReply): [kind: string, ChatReply][] => {
    const body = format.encodeReply(reply, clientContext(format, options));
    const wire = format.createStreamEncoder(clientContext(format, options)).encode(messageToEvents(reply));
    const events = decodeStream(format, [Buffer.from(wire)], options);
    return [
      ['a whole reply', format.decodeReply(jsonOf(body), targetContext(format, options))],
      ['a stream', { ...reply, content: contentOf(events) }],
    ];
  };

  return [
    {
      name: 'the model on the wire is the target’s, not the one that the client asked for',
      check: () => {
        const { body, wire } = encode({ model: 'asked-for' });
        assert.ok(!wire.includes('asked-for'), '`request.model` was sent: send `target.model`');
        if (format.modelInBody !== false) assert.equal(body.model, 'target-model');
      },
    },
    {
      name: 'a tool name that the provider would not take is sent under its alias and comes back as it was',
      check: () => {
        if (options.features?.tools === false) return;
        const name = `mcp.server/${'x'.repeat(80)}`;
        const call: Block = { type: 'tool-call', id: 'call_1', name, input: {}, rawInput: '{}' };
        const messages = answered(call, [{ type: 'text', text: 'done' }]);
        const toolChoice = { type: 'tool', name } as const;
        const { wire, target } = encode({
          messages,
          toolChoice,
          tools: [{ type: 'function', name, inputSchema: { type: 'object', properties: {} } }],
        });
        assert.ok(!wire.includes(name), 'the name was sent as it is: use `target.toolNames.alias`');
        const reply = { content: [{ ...call, name: target.toolNames.alias(name) }], stopReason: 'tool-call' } as const;
        const body = format.encodeReply(reply, clientContext(format, options));
        const decoder = format.createStreamDecoder(target);
        const stream = format.createStreamEncoder(clientContext(format, options)).encode(messageToEvents(reply));
        const streamed = contentOf([...decoder.push(Buffer.from(stream)), ...decoder.end()]);
        for (const content of [format.decodeReply(jsonOf(body), target).content, streamed]) {
          assert.equal(callIn(content)?.name, name, 'give the client its own name: `target.toolNames.original`');
        }
      },
    },
    {
      name: 'reasoning of another origin is not sent, and a note says so',
      check: () => {
        const state = { origin: 'someone-else', data: 'foreign-signature' };
        const foreign: Block = { type: 'reasoning', text: 'foreign-thought', state };
        const assistant: Message = { role: 'assistant', content: [foreign, { type: 'text', text: 'a' }] };
        const { wire, noted } = encode({ messages: [...PLAIN.messages, assistant, ...PLAIN.messages] });
        assert.ok(!wire.includes('foreign-'), 'it was sent: compare `state.origin` with `target.reasoningOrigin`');
        assert.ok(noted, 'no note');
      },
    },
    {
      name: 'reasoning in a reply carries the origin of its target',
      check: () => {
        if (options.features?.reasoning === false) return;
        const reply: ChatReply = {
          content: [
            { type: 'reasoning', text: 'A thought.', state: { origin, data: 'c2lnbmF0dXJl' } },
            { type: 'text', text: 'a' },
          ],
          stopReason: 'end-turn',
        };
        for (const [kind, { content }] of bothWays(reply)) {
          const block = content.find((block) => block.type === 'reasoning' && block.text !== '');
          if (block?.type !== 'reasoning') continue;
          assert.equal(
            block.state?.origin,
            origin,
            `${kind} has reasoning without its origin: where the wire signs nothing, decode it with \`state: { origin: target.reasoningOrigin, data: {} }\`, or it goes to whatever provider is asked next`,
          );
        }
      },
    },
    {
      name: 'every stop sequence is sent, left to the gateway to enforce, or noted',
      check: () => {
        const stopSequences = Array.from({ length: 12 }, (_, at) => `STOP-${at}-`);
        const { wire, enforced, noted } = encode({ stopSequences });
        const lost = stopSequences.filter(
          (sequence) => !wire.includes(`"${sequence}"`) && !enforced.includes(sequence),
        );
        assert.ok(lost.length === 0 || noted, `lost ${lost.join(', ')}: use \`target.enforceStopSequences\``);
      },
    },
    {
      name: 'a tool that must be called by name is asked for by its name, or a note says so',
      check: () => {
        if (options.features?.tools === false) return;
        const request = { ...PLAIN, tools: TOOLS, toolChoice: { type: 'tool', name: NAMES[1] } as const };
        const { body, target } = encode(request);
        const { toolChoice, tools } = decodeAgain(format, body, request);
        const named =
          (toolChoice?.type === 'tool' && toolChoice.name === NAMES[1]) ||
          (toolChoice?.type === 'allowed' && toolChoice.names.length === 1 && toolChoice.names[0] === NAMES[1]);
        const only = tools.length === 1 && tools[0]?.name === NAMES[1] && toolChoice?.type === 'required';
        const noted = target.notes.list.some(({ path, action }) => path === 'toolChoice' && action !== 'mapped');
        assert.ok(named || only || noted, `the wire says ${JSON.stringify(toolChoice)} of ${tools.length} tools`);
      },
    },
  ];
}

function answered(call: Block & { type: 'tool-call' }, content: readonly Block[]): Message[] {
  return [
    ...PLAIN.messages,
    { role: 'assistant', content: [call] },
    { role: 'user', content: [{ type: 'tool-result', callId: call.id, content }] },
  ];
}
