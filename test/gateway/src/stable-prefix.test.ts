import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { json, reply } from '@signalbox/testkit';
import stablePrefix from '@signalbox/transform-stable-prefix';
import { CHAT_PATH, MESSAGES_PATH } from './catalogue.ts';
import { anthropicHeaders, chatBody, messagesBody, startTestGateway, type TestGateway } from './harness.ts';

const RECORDINGS = new URL('../../../../shared/claude-code/requests/', import.meta.url);
/** Turns of one conversation, one after the other. */
const TURNS = [
  ['interactive-first-turn', 'interactive-second-turn'],
  ['unknown-model-first-turn', 'unknown-model-tool-result'],
] as const;

type Body = JsonObject & { readonly system: readonly { readonly text: string }[] };

const recorded = (name: string): Body =>
  (JSON.parse(readFileSync(new URL(`${name}.json`, RECORDINGS), 'utf8')) as { body: Body }).body;

/** As releases send it that attest each request, through something that joins the blocks of the system prompt. */
const attested = (body: Body, nonce: string): JsonObject => ({
  ...body,
  stream: false,
  system: body.system.map(({ text }, index) => (index === 0 ? `${text} cch=${nonce};` : text)).join('\n'),
});

/** As sent, in blocks. */
const inBlocks = (body: Body, nonce: string): JsonObject => ({
  ...body,
  stream: false,
  system: body.system.map((block, index) => (index === 0 ? { ...block, text: `${block.text} cch=${nonce};` } : block)),
});

let gateway: TestGateway;
afterEach(() => gateway.close());

/** A gateway in front of a Chat provider that caches what a prompt has in common with the one before it. */
async function start(on: boolean): Promise<TestGateway> {
  gateway = await startTestGateway({ targets: ['chat/m'], plugins: on ? [[stablePrefix]] : [] });
  let before = '';
  gateway.provider.on(CHAT_PATH, (request, wire) => {
    const body = String(request.rawBody);
    const usage = {
      prompt_tokens: body.length,
      completion_tokens: 1,
      prompt_tokens_details: { cached_tokens: inCommon(before, body) },
    };
    before = body;
    const choices = [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }];
    return json(200, { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices, usage })(request, wire);
  });
  return gateway;
}

function inCommon(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length++;
  return length;
}

/** Up to the end of the last message of a request, in characters. */
function prefixOf(body: string): number {
  const { messages } = JSON.parse(body) as { messages: JsonObject[] };
  return body.indexOf('"messages":') + '"messages":'.length + JSON.stringify(messages).length - 1;
}

/** Sends two turns and says how far the second body is the first, and what of it the provider has in its cache. */
async function send(turns: readonly JsonObject[], path = MESSAGES_PATH) {
  for (const turn of turns) expect((await gateway.post(path, turn, anthropicHeaders)).status).toBe(200);
  const [first = '', second = ''] = gateway.provider.requests.map(({ rawBody }) => String(rawBody));
  const records = [await gateway.nextRecord(), await gateway.nextRecord()];
  return {
    first,
    second,
    common: inCommon(first, second),
    prefix: prefixOf(first),
    cached: records[1]?.usage?.cacheReadTokens ?? 0,
    lanes: records.map(({ lane }) => lane),
    notes: records[0]?.notes ?? [],
  };
}

if (!existsSync(RECORDINGS)) {
  it('SKIPPED: the recorded requests of Claude Code (../shared/claude-code/requests) are not on this machine', async () => {
    process.stderr.write('stable-prefix.test.ts: ../shared/claude-code/requests is absent, no turns are compared\n');
    await start(true);
    expect(existsSync(RECORDINGS)).toBe(false);
  });
} else {
  describe.each(TURNS)('F48 %s, then %s, for a Chat provider', (earlier, later) => {
    it.each([
      ['in blocks', inBlocks],
      ['joined', attested],
    ])('begin alike up to the new turn, byte for byte: %s', async (_name, client) => {
      await start(true);
      const { first, second, common, prefix, cached, notes } = await send([
        client(recorded(earlier), '00001'),
        client(recorded(later), 'fffff'),
      ]);
      expect(first + second).not.toMatch(/x-anthropic-billing-header: cc_version/);
      expect(common).toBeGreaterThanOrEqual(prefix);
      expect(cached).toBe(common);
      expect(notes).toContainEqual(expect.objectContaining({ path: 'system[0]', action: 'mapped' }));
      // The prompt itself is all there.
      const { system } = recorded(earlier);
      for (const { text } of system.slice(1)) expect(first).toContain(JSON.stringify(text).slice(1, -1));
    });

    it('differ at once without the plugin, and the cache is of no use', async () => {
      await start(false);
      const { common, prefix, cached } = await send([
        attested(recorded(earlier), '00001'),
        attested(recorded(later), 'fffff'),
      ]);
      expect(common).toBeLessThan(300);
      expect(prefix).toBeGreaterThan(8_000);
      expect(cached).toBeLessThan(300);
    });
  });

  it('F48 two conversations have the prompt of the client in common', async () => {
    await start(true);
    const { first, common } = await send([
      attested(recorded('interactive-second-turn'), 'aaaaa'),
      attested(recorded('interrupted-turn'), 'bbbbb'),
    ]);
    const { messages } = JSON.parse(first) as { messages: { content: string }[] };
    expect(common).toBeGreaterThan(JSON.stringify(messages[0]?.content).length);
  });
}

describe('requests that would pass through', () => {
  const ATTRIBUTION = 'x-anthropic-billing-header: cc_version=2.1.197.1c0; cc_entrypoint=cli; cch=';
  const system = (content: string) => ({ role: 'system', content });
  const user = (content: string) => ({ role: 'user', content });

  it('do so where there is nothing to take out', async () => {
    await start(true);
    const turns = [chatBody({ messages: [system('Rules.'), user('What is the current version?')] }), chatBody()];
    const { lanes, first } = await send(turns as JsonObject[], CHAT_PATH);
    expect(lanes).toEqual(['pass-through', 'pass-through']);
    expect(first).toBe(JSON.stringify({ ...turns[0], model: 'm' }));
  });

  it('F48 begin alike where a client has joined the attribution or a clock into its prompt', async () => {
    await start(true);
    const turn = (nonce: string, time: string, ...more: object[]) =>
      chatBody({
        messages: [
          system(`${ATTRIBUTION}${nonce};\nYou are helpful.\nCurrent time: 2026-11-22T14:${time}Z`),
          user('One.'),
          ...more,
        ],
      }) as JsonObject;
    const said = [{ role: 'assistant', content: 'Two.' }, user('Three.')];
    const { first, common, prefix, lanes } = await send([turn('1', '03:22'), turn('2', '04:59', ...said)], CHAT_PATH);
    expect(first).toContain('You are helpful.\\nCurrent time: 2026-11-22T14:00:00Z');
    expect(common).toBeGreaterThanOrEqual(prefix);
    expect(lanes).toEqual(['canonical', 'canonical']);
  });

  it('F48 F100 reach Anthropic as they came, attribution and all', async () => {
    gateway = await startTestGateway({ plugins: [[stablePrefix]] });
    gateway.provider.on(MESSAGES_PATH, reply({ text: 'ok' }));
    const body = messagesBody({
      system: [
        { type: 'text', text: `${ATTRIBUTION}1;` },
        { type: 'text', text: 'Current time: 14:03' },
      ],
      messages: [user(`${ATTRIBUTION}2;`)],
    });
    expect((await gateway.post(MESSAGES_PATH, body, anthropicHeaders)).status).toBe(200);
    expect(String(gateway.provider.requests[0]?.rawBody)).toBe(JSON.stringify(body));
    expect((await gateway.nextRecord()).lane).toBe('pass-through');
  });
});
