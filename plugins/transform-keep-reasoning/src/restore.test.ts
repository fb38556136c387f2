import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Block, type ChatRequest, type Message, Notes, type ReasoningState } from '@signalbox/kit';
import { answerKey } from './answer-key.ts';
import { Origins } from './origins.ts';
import { type Memory, restore } from './restore.ts';
import { ReasoningStore } from './store.ts';

const LIMITS = { ttlMs: 1_000, maxEntries: 100, maxBytes: 100_000 };
const asked: Message = { role: 'user', content: [{ type: 'text', text: 'Look.' }] };
const said = { type: 'text', text: 'Let me look.' } as const;
const thought = (text: string, state?: ReasoningState): Block => ({
  type: 'reasoning',
  text,
  ...(state === undefined ? {} : { state }),
});
const call = (id: string): Block => ({ type: 'tool-call', id, name: 'look', input: {}, rawInput: '{}' });
const of = (origin: string, data: ReasoningState['data'] = {}): ReasoningState => ({ origin, data });
const request = (...messages: Message[]): ChatRequest => ({
  model: 'm',
  system: [],
  messages: [asked, ...messages],
  tools: [],
  stream: false,
});
const history = (...content: Block[]): ChatRequest => request({ role: 'assistant', content });

let origins: Origins;
let store: ReasoningStore;
let notes: Notes;
beforeEach(() => {
  origins = new Origins(LIMITS);
  store = new ReasoningStore(LIMITS);
  notes = new Notes();
});
const at = (provider: string, more: Partial<Memory> = {}): Memory => ({
  store,
  origins,
  principal: 'me',
  provider,
  notes,
  ...more,
});
const contentOf = (changed: ChatRequest): readonly Block[] | undefined => changed.messages[1]?.content;

describe('bare reasoning', () => {
  it('gets the origin that it had when it was given out', () => {
    origins.keep('me', 'I look.', { provider: 'claude', origin: 'anthropic' });
    const sent = history(thought('I look.'), thought('Unheard of.'), said);
    const expected = [thought('I look.', of('anthropic')), thought('Unheard of.'), said];
    expect(contentOf(restore(sent, at('deepseek')))).toEqual(expected);
    expect(contentOf(restore(sent, at('deepseek', { store: undefined })))).toEqual(expected);
    // It is at home there, or it is another caller's.
    expect(restore(sent, at('claude'))).toBe(sent);
    expect(restore(sent, at('deepseek', { principal: 'you' }))).toBe(sent);
  });

  it('of which the provider alone is known is foreign to all others, and left as it is there', () => {
    origins.keep('me', 'I l', { provider: 'ds', origin: undefined });
    origins.keep('me', 'I look.', { provider: 'claude', origin: 'anthropic' });
    const sent = history(thought('I l'), thought('I look.'), said);
    const foreign = thought('I look.', of('anthropic'));
    expect(contentOf(restore(sent, at('ds')))).toEqual([thought('I l'), foreign, said]);
    expect(contentOf(restore(sent, at('x')))).toEqual([thought('I l', of('ds')), foreign, said]);
  });

  it('is nobody else’s because a format takes it for its own', () => {
    origins.keep('me', 'I look.', { provider: 'deepseek', origin: 'deepseek' });
    const sent = history(thought('I look.', of('gemini')), said);
    for (const provider of ['gemini', 'deepseek', 'other']) {
      expect(contentOf(restore(sent, at(provider)))).toEqual([thought('I look.', of('deepseek')), said]);
    }
  });

  it('with a state that says something is what that says', () => {
    origins.keep('me', 'I look.', { provider: 'deepseek', origin: 'deepseek' });
    for (const state of [of('anthropic', 'c2ln'), of('openrouter', [{ type: 'reasoning.text' }]), of('deepseek')]) {
      const sent = history(thought('I look.', state), said);
      expect(restore(sent, at('gemini'))).toBe(sent);
    }
  });

  it('that a client has shortened belongs to its answer', () => {
    const key = answerKey('me', { text: said.text, calls: [{ id: 'toolu_0123456789', name: 'look', input: {} }] }, [
      asked,
    ]);
    store.keep(key, 'claude', [{ blocks: [{ type: 'reasoning', text: 'I look.', state: of('anthropic', 'c2ln') }] }]);
    const sent = history(thought('I l…'), said, call('toolu_0123456789'));
    expect(contentOf(restore(sent, at('deepseek')))?.[0]).toEqual(thought('I l…', of('anthropic')));
    expect(contentOf(restore(sent, at('claude')))?.[0]).toEqual(thought('I look.', of('anthropic', 'c2ln')));
  });
});

describe('answers whose provider counts its calls anew in every turn', () => {
  const keep = (before: readonly Message[], id: string, text: string, provider = 'claude'): void => {
    const key = answerKey('me', { text: '', thought: text, calls: [{ id, name: 'look', input: {} }] }, before);
    store.keep(key, provider, [{ at: 0, blocks: [{ type: 'reasoning', text, state: of('o', text) }] }]);
  };
  const turn = (...more: Block[]): Message => ({ role: 'assistant', content: [...more, call('call_0')] });
  const result: Message = {
    role: 'user',
    content: [{ type: 'tool-result', callId: 'call_0', content: [{ type: 'text', text: 'a heron' }] }],
  };
  const states = ({ messages }: ChatRequest): unknown[] =>
    messages.map(({ content }) => content.flatMap((block) => (block.type === 'reasoning' ? [block.state?.data] : [])));

  it('get each their own, by where they stand', () => {
    keep([asked], 'call_0', 'first');
    keep([asked, turn(), result], 'call_0', 'second');
    keep([asked, turn(), result, turn(), result], 'call_0', 'third');
    const sent = request(turn(), result, turn(), result, turn(), result);
    expect(states(restore(sent, at('claude')))).toEqual([[], ['first'], [], ['second'], [], ['third'], []]);
    expect(notes.list).toEqual([]);
  });

  it('get none where another conversation has the very same, and a note says so once', () => {
    for (const conversation of ['one', 'other']) {
      keep([asked], 'call_0', `${conversation}, first`);
      keep([asked, turn(), result], 'call_0', `${conversation}, second`);
    }
    const sent = request(turn(), result, turn(), result);
    expect(restore(sent, at('claude'))).toBe(sent);
    expect(notes.list).toMatchObject([{ path: 'messages[1]', action: 'dropped' }]);
    const shown = request(turn(thought('other, first')), result, turn(thought('one, second')), result);
    expect(states(restore(shown, at('claude')))).toEqual([[], ['other, first'], [], ['one, second'], []]);
    // Who has no part in them loses nothing.
    const elsewhere = new Notes();
    expect(restore(sent, at('deepseek', { notes: elsewhere }))).toBe(sent);
    expect(elsewhere.list).toEqual([]);
  });
});
