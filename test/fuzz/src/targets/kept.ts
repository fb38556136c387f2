import type { ChatReply, JsonObject } from '@signalbox/kit';
import type { FuzzedGateway } from '../gateway.ts';
import type { FuzzedProvider } from '../providers.ts';
import type { Random } from '../random.ts';
import { Session } from '../sessions.ts';
import { subjects } from '../subjects.ts';
import type { Target } from '../target.ts';

/** One turn of a conversation, as its client remembers it: what was asked, what was answered. */
interface Turn {
  readonly before: Turn | undefined;
  readonly messages: readonly JsonObject[];
  /** Proofs of the reasoning in the answer; they stand nowhere else. */
  readonly signatures: readonly string[];
  /** Tool calls that wait for their results. */
  readonly open: readonly string[];
}

const TOOLS: JsonObject[] = [
  { type: 'function', function: { name: 'Read', description: 'Reads.', parameters: { type: 'object' } } },
];
const SIGNATURE = /c2ln\d+IQ/g;
let signatures = 0;
let words = 0;

/**
 * Clients whose format has no place for reasoning, in conversations that fork and go on from anywhere, against a model: with each
 * answer of the history the provider gets back the reasoning that it gave with that answer, in order, and no other.
 */
export function keptTarget(gateway: FuzzedGateway, providers: readonly FuzzedProvider[]): Target {
  const client = subjects.find(({ id }) => id === 'openai-chat');
  const provider = providers.find(({ subject }) => subject.id === 'anthropic-messages');
  if (client === undefined || provider === undefined) throw new Error('somebody is missing');
  return {
    name: 'kept',
    atOnce: 4,
    run: async (random) => {
      const session = new Session(gateway, client, provider);
      const turns: (Turn | undefined)[] = [undefined];
      for (let left = 2 + random.int(8); left > 0; left--) {
        const before = random.chance(0.7) ? turns.at(-1) : random.pick(turns);
        turns.push(await goOn(random, session, before));
      }
    },
  };
}

async function goOn(random: Random, session: Session, before: Turn | undefined): Promise<Turn> {
  const question = questionOf(random, before);
  const history = historyOf(before);
  const messages = [...history.flatMap((turn) => turn.messages), ...question];
  const reasons = random.chance(0.8);
  const own = `c2ln${signatures++}IQ`;
  const answer = {
    ...(reasons ? { reasoning: `Thought ${words++}.`, signature: own } : {}),
    ...(random.chance(0.7) ? { text: `Answer ${words++}.` } : {}),
  };
  const calls = callsOf(random, 'text' in answer);
  const turn = calls.length === 0 ? answer : { ...answer, toolCalls: calls };
  const asked = { model: 'asked-for', messages, tools: TOOLS, reasoning_effort: 'high' };
  const { status, reply, sent, raw } = await session.ask(asked, turn, random.chance(0.5));
  const expected = history.flatMap((one) => one.signatures).join(' ');
  const got = (sent.match(SIGNATURE) ?? []).join(' ');
  if (status !== 200 || reply === undefined || got !== expected) {
    throw new Error(`sent with “${got}”, not “${expected}”: ${JSON.stringify(asked)} became ${sent}, ${raw}`);
  }
  const said = messageOf(reply);
  return {
    before,
    messages: [...question, said.message],
    signatures: reasons ? [own] : [],
    open: said.calls,
  };
}

/** What comes next: a question, or the results of the calls. */
function questionOf(random: Random, before: Turn | undefined): JsonObject[] {
  if (before === undefined || before.open.length === 0) return [{ role: 'user', content: `Question ${words++}?` }];
  const results = before.open.map((id) => ({ role: 'tool', tool_call_id: id, content: `Result ${words++}.` }));
  return random.chance(0.2) ? [...results, { role: 'user', content: `And ${words++}?` }] : results;
}

/** Some providers count their calls anew in every answer. */
function callsOf(random: Random, hasText: boolean): { id: string; name: string; arguments: JsonObject }[] {
  if (hasText && random.chance(0.5)) return [];
  const counts = random.chance(0.5);
  return Array.from({ length: random.few(3) }, (_call, index) => ({
    id: counts ? `call_${index}` : `toolu_${words++}`,
    name: 'Read',
    arguments: random.chance(0.2) ? {} : { path: `/${words++}` },
  }));
}

/** From the first turn to this one. */
function historyOf(last: Turn | undefined): Turn[] {
  const turns: Turn[] = [];
  for (let turn = last; turn !== undefined; turn = turn.before) turns.unshift(turn);
  return turns;
}

/** As a client of the format puts it into its history: text and calls, and nothing of the reasoning. */
function messageOf({ content }: ChatReply): { message: JsonObject; calls: string[] } {
  const text = content.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('');
  const calls = content.flatMap((block) => (block.type === 'tool-call' ? [block] : []));
  const told = calls.map(({ id, name, input }) => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  }));
  return {
    message: {
      role: 'assistant',
      content: text === '' ? null : text,
      ...(told.length === 0 ? {} : { tool_calls: told }),
    },
    calls: calls.map(({ id }) => id),
  };
}
