import type { JsonObject, JsonValue } from '@signalbox/kit';
import type { Turn } from '@signalbox/testkit';
import { checkAnswer } from '../checks.ts';
import { object } from '../json.ts';
import type { Scenario } from '../scenario.ts';
import type { Exchange, Trial } from '../trial.ts';
import type { Ask } from '../wire.ts';

/** Open objects, bounds, formats, properties that may be left out, a choice: there is no dialect that takes all of it. */
const PERSON: JsonObject = {
  type: 'object',
  properties: {
    name: { type: 'string', minLength: 1, maxLength: 80 },
    age: { type: 'integer', minimum: 0 },
    home: { type: 'string', format: 'uri' },
    id: { oneOf: [{ type: 'string', pattern: '^[a-z]+$' }, { type: 'integer' }] },
    pets: {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, legs: { type: 'integer' } },
        required: ['name'],
      },
      maxItems: 3,
    },
  },
  required: ['name', 'id'],
};
const ADA: JsonObject = { name: 'Ada', id: 7, pets: [{ name: 'Bo "the cat"', legs: 4 }, { name: 'null' }] };

const TREE: JsonObject = {
  $ref: '#/$defs/tree',
  $defs: {
    tree: {
      type: 'object',
      properties: { word: { type: 'string' }, twigs: { type: 'array', items: { $ref: '#/$defs/tree' } } },
      required: ['word'],
    },
  },
};
const OAK: JsonObject = { word: 'oak', twigs: [{ word: 'left', twigs: [{ word: 'leaf' }] }, { word: 'right' }] };

const turns = [{ role: 'user', text: 'Who?' }] as const;

/** The tool's arguments, and then the answer, are of this schema; a strict tool stays so where it can. */
function schemaScenario(name: string, about: string, schema: JsonObject, value: JsonObject): Scenario {
  return {
    name,
    about,
    run: async (trial) => {
      const tool = { name: 'keep', description: 'Keeps it.', schema, strict: true };
      const called = await ask(trial, { turns, tools: [tool] }, (said) => ({
        toolCalls: [{ id: 'call_1', name: 'keep', arguments: said }],
      }));
      checkAnswer(trial, called, { text: '', ending: 'calls', calls: [{ name: 'keep', input: value }] });
      const answered = await ask(trial, { turns, schema }, (said) => ({ text: JSON.stringify(said) }));
      checkAnswer(trial, answered, { text: JSON.stringify(value) });
      const { heard } = answered;
      const said = heard?.schema !== undefined || heard?.system.includes(JSON.stringify(schema)) === true;
      trial.check('schema', said, 'the provider does not hear of the schema');
    },
  };

  /** A provider that is held to a schema says all that it requires, and null for what there is not. */
  function ask(trial: Trial, what: Ask, turnOf: (said: JsonObject) => Turn): Promise<Exchange> {
    return trial.askFor(trial.body(what), (request, wire) => {
      const { tools, schema: answer } = trial.provider.read(request);
      const root = object(tools[0]?.schema ?? answer);
      const said = required(value, root, root) as JsonObject;
      return trial.answer(trial.provider.answer(turnOf(said)))(request, wire);
    });
  }
}

/** The value with a null for each property that the schema requires and the value has not. */
function required(value: JsonValue, schema: JsonObject, root: JsonObject): JsonValue {
  const { $ref, anyOf } = schema;
  if (typeof $ref === 'string') return required(value, object(object(root.$defs)[$ref.split('/').at(-1) ?? '']), root);
  if (Array.isArray(anyOf)) return required(value, object(anyOf[0]), root);
  if (Array.isArray(value)) return value.map((item) => required(item, object(schema.items), root));
  if (typeof value !== 'object' || value === null) return value;
  const properties = object(schema.properties);
  const names = new Set([
    ...Object.keys(value),
    ...(Array.isArray(schema.required) ? schema.required.map(String) : []),
  ]);
  const order = [...Object.keys(properties).filter((name) => names.has(name))];
  const all = order.length === names.size ? order : [...names];
  return Object.fromEntries(all.map((name) => [name, required(value[name] ?? null, object(properties[name]), root)]));
}

export const schemas: readonly Scenario[] = [
  schemaScenario(
    'strict schema',
    'A strict tool and an answer with a schema that no provider takes as it is: each gets one that it does not refuse, and what comes back is of the client’s own.',
    PERSON,
    ADA,
  ),
  schemaScenario('recursive schema', 'The same with a schema that refers to itself.', TREE, OAK),
];
