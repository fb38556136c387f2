import assert from 'node:assert/strict';
import { type ChatReply, type ChatRequest, errors, type Format, messageToEvents, retryHeaders } from '@signalbox/kit';
import { clientContext, type FormatOptions, targetContext } from './format-context.ts';
import type { Law } from './law.ts';
import { PLAIN } from './plain-request.ts';
import { callIn, contentOf, decodeStream, jsonOf } from './reply-laws.ts';

const SECRET = 'sk-the-secret-key';

/** What a format owes the clients that speak it, and the gateway that serves them. */
export function clientLaws(format: Format, options: FormatOptions): Law[] {
  const client = (request?: ChatRequest) => ({ ...clientContext(format, options), ...(request && { request }) });

  return [
    {
      name: 'a tool call whose id the client’s history holds already gets a fresh one',
      check: () => {
        const call = { type: 'tool-call', id: 'call_1', name: 'look_up', input: {}, rawInput: '{}' } as const;
        const history: ChatRequest = {
          ...client().request,
          messages: [
            ...PLAIN.messages,
            { role: 'assistant', content: [call] },
            { role: 'user', content: [{ type: 'tool-result', callId: call.id, content: [] }] },
          ],
        };
        const reply: ChatReply = { content: [call], stopReason: 'tool-call' };
        const whole = format.encodeReply(reply, client(history));
        const stream = format.createStreamEncoder(client(history)).encode(messageToEvents(reply));
        for (const content of [
          format.decodeReply(jsonOf(whole), targetContext(format, options)).content,
          contentOf(decodeStream(format, [Buffer.from(stream)], options)),
        ]) {
          assert.notEqual(callIn(content)?.id, call.id, 'claim the ids of a reply from `ReplyCallIds`');
        }
      },
    },
    {
      name: 'whole replies and streams have ids of their own',
      check: () => {
        const reply: ChatReply = { content: [{ type: 'text', text: 'a' }], stopReason: 'end-turn' };
        const idOf = () => {
          const { id } = format.decodeReply(
            jsonOf(format.encodeReply(reply, client())),
            targetContext(format, options),
          );
          const wire = format.createStreamEncoder(client()).encode(messageToEvents(reply));
          const [start] = decodeStream(format, [Buffer.from(wire)], options);
          return [id, start?.type === 'message-start' ? start.id : undefined];
        };
        const [first, second] = [idOf(), idOf()];
        for (const at of [0, 1]) {
          assert.ok(first[at] === undefined || first[at] !== second[at], `two replies have the id ${first[at]}`);
        }
      },
    },
    {
      name: 'a message start behind open() writes nothing',
      check: () => {
        const encoder = format.createStreamEncoder(client());
        encoder.open();
        assert.equal(encoder.encode([{ type: 'message-start' }]), '');
      },
    },
    {
      name: 'F21 the relay takes a stream that fails for failed, and a mere start for no content',
      check: () => {
        const encoder = format.createStreamEncoder(client());
        const relay = format.createStreamRelay({ echoModel: undefined });
        relay.push(Buffer.from(encoder.open() + encoder.encode([{ type: 'message-start' }])));
        assert.equal(relay.committed, false, 'committed before any content: no other target could answer any more');
        relay.push(Buffer.from(encoder.fail(errors.providerFailed(502, 'It failed.'))));
        relay.end();
        assert.equal(relay.finished, false, 'finished with an error');
        assert.ok(relay.error !== undefined, 'no error');
      },
    },
    {
      name: 'F21 half a frame at the end is a stream that was cut',
      check: () => {
        const encoder = format.createStreamEncoder(client());
        const events = messageToEvents({ content: [{ type: 'text', text: 'Some words.' }], stopReason: 'end-turn' });
        const wire = encoder.encode(events.slice(0, 3)).trimEnd();
        const last = decodeStream(format, [Buffer.from(wire.slice(0, -3))], options).at(-1);
        assert.equal(last?.type, 'error');
        assert.equal(last.error.code, 'CUT_STREAM');
      },
    },
    {
      name: 'the provider’s body of another format’s error does not go out',
      check: () => {
        const wire = { format: 'some-other-format', status: 500, body: { of_another_format: true } };
        const { body } = format.encodeError(errors.providerFailed(500, 'It failed.', { wire }), { exchangeId: 'e' });
        assert.ok(!JSON.stringify(body).includes('of_another_format'), 'compare `error.wire.format` with your id');
      },
    },
    {
      name: 'F101 a 401 or 403 in the format’s own shape is decoded without the provider’s words',
      check: () => {
        for (const error of [errors.unauthenticated(`Bad key: ${SECRET}`), errors.forbidden(`Bad key: ${SECRET}`)]) {
          const { body } = format.encodeError(error, { exchangeId: 'e' });
          for (const status of [401, 403]) {
            const { message, wire } = format.decodeError(status, retryHeaders(error), JSON.stringify(body));
            const shown = message + JSON.stringify(wire ?? '');
            assert.ok(!shown.includes(SECRET), `${status}: its words may repeat the gateway’s key`);
          }
        }
      },
    },
    {
      name: 'it serves a chat at a path, and recognises only its own clients',
      check: () => {
        for (const { path } of format.ingress) assert.match(path, /^\//, 'paths begin with a slash');
        assert.ok(
          format.ingress.some(({ operation }) => operation === 'chat'),
          'no ingress of the operation `chat`',
        );
        const strange = { method: 'POST', path: '/no/path/of/any/format', headers: { 'user-agent': 'curl/8' } };
        assert.equal(format.recognises(strange), false, 'it recognises every request');
      },
    },
    {
      name: 'it shows the models that there are',
      check: () => {
        const model = { id: 'acme/a-model', displayName: 'A model', contextTokens: 1000, ownedBy: 'acme' };
        for (const body of [
          format.encodeModels([model]),
          format.encodeModel(model),
          format.encodeModel({ id: model.id }),
        ])
          assert.ok(JSON.stringify(body).includes('a-model'), `no model in ${JSON.stringify(body)}`);
        assert.equal(typeof format.encodeModels([]), 'object');
      },
    },
  ];
}
