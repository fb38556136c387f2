import { describe, expect, it } from '@jest/globals';
import { definePlugin, type JsonObject, Type } from '@signalbox/kit';
import { createGeneration } from '../generation.ts';
import { parseConfig } from './load.ts';

const optional = {
  count: Type.Optional(Type.Integer({ minimum: 1 })),
  share: Type.Optional(Type.Number()),
  on: Type.Optional(Type.Boolean()),
  name: Type.Optional(Type.String()),
  either: Type.Optional(Type.Union([Type.Integer(), Type.Boolean()])),
  deep: Type.Optional(Type.Array(Type.Record(Type.String(), Type.Object({ ms: Type.Integer() })))),
};

/** The options that a plugin gets for these in a file. */
async function optionsOf(options: string, env: Record<string, string>): Promise<JsonObject> {
  let seen: JsonObject = {};
  const plugin = definePlugin({
    name: 'log-options',
    configSchema: Type.Object(optional, { additionalProperties: false }),
    apply: (_host, given) => {
      seen = given as JsonObject;
    },
  });
  const config = parseConfig(`{ "plugins": [["./own.ts", ${options}]] }`, 'signalbox.jsonc', env);
  const importPlugin = async () => ({ module: { default: plugin }, url: 'test:' });
  await (await createGeneration(config, { importPlugin })).close();
  return seen;
}

describe('a variable in a plugin’s options', () => {
  it('is a number or a truth value where the plugin’s schema wants one', async () => {
    const env = { COUNT: '3', SHARE: '-1.5e2', ON: 'false', NAME: '7', EITHER: 'true', MS: '250' };
    const options =
      '{ "count": "${COUNT}", "share": "${SHARE}", "on": "${ON}", "name": "${NAME}", "either": "${EITHER}",' +
      ' "deep": [{ "a/b~c": { "ms": "${MS}" }, "0": { "ms": "${NONE:-5}" } }] }';
    expect(await optionsOf(options, env)).toEqual({
      count: 3,
      share: -150,
      on: false,
      name: '7',
      either: true,
      deep: [{ 'a/b~c': { ms: 250 }, 0: { ms: 5 } }],
    });
  });

  it.each<[string, Record<string, string>, string]>([
    [
      '{ "on": "${ON}" }',
      { ON: 'yes' },
      'signalbox.jsonc:1:36: plugin log-options, plugins[0][1].on: must be a boolean, and the text of ${ON} is none: write true or false',
    ],
    ['{ "share": "${SHARE}" }', { SHARE: 'NaN' }, 'must be a number, and the text of ${SHARE} is none'],
    ['{ "count": "${COUNT}" }', { COUNT: '0' }, 'must be >= 1'],
    ['{ "count": "3" }', {}, 'must be an integer, not this string'],
  ])('%s with %j is refused', async (options, env, message) => {
    await expect(optionsOf(options, env)).rejects.toThrow(message);
  });
});
