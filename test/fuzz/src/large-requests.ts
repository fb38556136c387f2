import type { Block, ChatRequest, FunctionTool, JsonObject, JsonValue, Message } from '@signalbox/kit';
import { userRequest } from '@signalbox/testkit';

const user = (...content: readonly (Block | readonly Block[])[]): Message => ({
  role: 'user',
  content: content.flat(),
});
const assistant = (...content: readonly (Block | readonly Block[])[]): Message => ({
  role: 'assistant',
  content: content.flat(),
});
const text = (said: string): Block => ({ type: 'text', text: said });
const list = <T>(size: number, make: (index: number) => T): T[] =>
  Array.from({ length: size }, (_, index) => make(index));
const tool = (name: string, inputSchema: JsonObject): FunctionTool => ({ type: 'function', name, inputSchema });
const withSchema = (inputSchema: JsonObject) => userRequest('asked-for', { tools: [tool('n', inputSchema)] });
const object = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({ type: 'object', properties, ...more });
const named = (size: number, make: (index: number) => JsonValue): JsonObject =>
  Object.fromEntries(list(size, (index) => [`p${index}`, make(index)]));

const turns = (size: number): Message[] =>
  list(size, (index) => (index % 2 === 0 ? user(text(`question ${index}`)) : assistant(text(`answer ${index}`))));
const call = (index: number): Block => ({ type: 'tool-call', id: `call_${index}`, name: 'n', input: { index } });
const result = (index: number): Block => ({ type: 'tool-result', callId: `call_${index}`, content: [text('done')] });

/** Requests that are large in one way each, in no format. */
export const LARGE_REQUESTS: Readonly<Record<string, (size: number) => ChatRequest>> = {
  'messages of two sides': (size) => userRequest('asked-for', { messages: [...turns(size), user(text('so?'))] }),
  'messages of one side': (size) => userRequest('asked-for', { messages: list(size, () => user(text('so?'))) }),
  'system messages in between': (size) =>
    userRequest('asked-for', {
      messages: list(size, (index) => ({ role: index % 2 === 0 ? 'user' : 'system', content: [text('so?')] })),
    }),
  'texts of one message': (size) => userRequest('asked-for', { messages: [user(list(size, () => text('so?')))] }),
  'texts of the system prompt': (size) =>
    userRequest('asked-for', { system: list(size, (index) => ({ type: 'text', text: `rule ${index}` })) }),
  'calls one after the other': (size) =>
    userRequest('asked-for', {
      messages: [user(text('go')), ...list(size, (index) => [assistant(call(index)), user(result(index))]).flat()],
    }),
  'calls at the same time': (size) =>
    userRequest('asked-for', {
      messages: [user(text('go')), assistant(list(size, call)), user(list(size, result))],
    }),
  'calls whose results come in another order': (size) =>
    userRequest('asked-for', {
      messages: [user(text('go')), assistant(list(size, call)), user(list(size, result).toReversed())],
    }),
  'calls without results': (size) =>
    userRequest('asked-for', { messages: [user(text('go')), assistant(list(size, call)), user(text('so?'))] }),
  'results without calls': (size) => userRequest('asked-for', { messages: [user(list(size, result))] }),
  reasonings: (size) =>
    userRequest('asked-for', {
      messages: [
        user(text('go')),
        assistant(
          list(size, () => ({ type: 'reasoning', text: 'hm' }) as const),
          text('done'),
        ),
        user(text('so?')),
      ],
    }),
  tools: (size) =>
    userRequest('asked-for', {
      tools: list(size, (index) => tool(`tool_${index}`, object({ a: { type: 'string' } }))),
    }),
  'tools with long names': (size) =>
    userRequest('asked-for', { tools: list(size, (index) => tool(`tool.${index}`.padEnd(90, 'x'), object({}))) }),
  'stop sequences': (size) => userRequest('asked-for', { stopSequences: list(size, (index) => `stop ${index}`) }),
  'properties of a schema': (size) => withSchema(object(named(size, () => ({ type: 'string', pattern: 'a' })))),
  'parts of an allOf': (size) =>
    withSchema({
      allOf: list(size, (index) => object({ [`p${index}`]: { type: 'string' } }, { required: [`p${index}`] })),
    }),
  'variants of an anyOf': (size) =>
    withSchema(object({ a: { anyOf: list(size, (index) => object({ [`p${index}`]: { type: 'string' } })) } })),
  'variants at the root': (size) =>
    withSchema({ anyOf: list(size, (index) => object({ [`p${index}`]: { type: 'string' } }, { required: ['a'] })) }),
  'words of an enum': (size) => withSchema(object({ a: { enum: list(size, (index) => `word ${index}`) } })),
  'references to one definition': (size) =>
    withSchema(
      object(
        named(size, () => ({ $ref: '#/$defs/d' })),
        { $defs: { d: { type: 'string' } } },
      ),
    ),
  'references to many definitions': (size) =>
    withSchema(
      object(
        named(size, (index) => ({ $ref: `#/$defs/p${index}` })),
        { $defs: named(size, () => ({ type: 'string', description: 'd' })) },
      ),
    ),
  'references in an allOf': (size) =>
    withSchema({
      allOf: list(size, (index) => ({ $ref: `#/$defs/p${index}` })),
      $defs: named(size, (index) => object({ [`p${index}`]: { type: 'string' } })),
    }),
  'a long text': (size) => userRequest('asked-for', { messages: [user(text('word '.repeat(size * 20)))] }),
  'a long argument': (size) =>
    userRequest('asked-for', {
      messages: [
        user(text('go')),
        assistant({ type: 'tool-call', id: 'call_1', name: 'n', input: { text: '"\\'.repeat(size * 10) } }),
        user({ type: 'tool-result', callId: 'call_1', content: [text('done')] }),
      ],
    }),
};

/** Schemas that say much more than their size. `levels`: how often it doubles. */
export const BOTTOMLESS_SCHEMAS: Readonly<Record<string, (levels: number) => JsonObject>> = {
  'references that double': (levels) =>
    object(
      { a: { $ref: '#/$defs/l0' } },
      {
        $defs: Object.fromEntries(
          list(levels, (level) => {
            const next = { $ref: `#/$defs/l${level + 1}` };
            return [`l${level}`, level === levels - 1 ? { type: 'string' } : object({ a: next, b: next })];
          }),
        ),
      },
    ),
  'references that double in an allOf': (levels) => ({
    $ref: '#/$defs/l0',
    $defs: Object.fromEntries(
      list(levels, (level) => {
        const next = { $ref: `#/$defs/l${level + 1}` };
        return [`l${level}`, level === levels - 1 ? object({ a: { type: 'string' } }) : { allOf: [next, next] }];
      }),
    ),
  }),
  'variants with properties beside them': (levels) => {
    let schema: JsonObject = { type: 'string' };
    for (let level = 0; level < levels; level++) schema = object({ a: schema }, { anyOf: [{}, {}] });
    return schema;
  },
  'types with properties beside them': (levels) => {
    let schema: JsonObject = { type: 'string' };
    for (let level = 0; level < levels; level++) schema = { type: ['object', 'string'], properties: { a: schema } };
    return schema;
  },
};
