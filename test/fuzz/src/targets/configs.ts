import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, configOf, createGeneration, parseConfig, pluginImporter } from '@signalbox/core';
import type { JsonObject, JsonValue } from '@signalbox/kit';
import { anyConfig, ENVIRONMENT, SECRET } from '../configs.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import { parsed } from '../mutate-frames.ts';
import { mutateJson } from '../mutate-json.ts';
import { printJson } from '../nasty.ts';
import { quietLog } from '../quiet-log.ts';
import type { Random } from '../random.ts';
import type { Target } from '../target.ts';

/** What the engine says of a mistake in code: nobody reads such words who has made one in a config. */
const ENGINE =
  /Cannot (?:read|convert|destructure|set)|is not (?:a function|iterable|a constructor|extensible|an object$)|undefined|\[object|in JSON at position|Maximum call stack|Invalid (?:URL|array)|ERR_(?!MODULE)/;
/** What a name says that is none. */
const UNLOADED = /the plugin ".*" cannot be loaded: .*/s;
/** Where a secret belongs; one that was put elsewhere is none any more. */
const SECRET_PLACE = /key|secret|token|header|auth/i;

/** Config files: each starts a gateway, or is refused with the file and the line of what is wrong, in words for a person. */
export const configTarget: Target = {
  name: 'config',
  // Plugins are loaded from files, which may take as long as it takes.
  atOnce: 1,
  run: check,
  close: async () => {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
    made = undefined;
  },
};

/** What a config is warned of is of no interest. */
const QUIET = configOf([[quietLog]]);
let made: string | undefined;
const importPlugin = pluginImporter(import.meta.url, import.meta.resolve('@signalbox/preset-default'));

/** Plugins may write into the folder of their config, and a little above it. */
function folder(): string {
  made ??= mkdtempSync(join(tmpdir(), 'signalbox-fuzz-'));
  return join(made, 'a', 'b', 'c');
}

async function check(random: Random): Promise<void> {
  const share = random.next() ** 2;
  const sound = anyConfig(() => random.chance(share));
  const text = textOf(random, random.chance(0.9) ? mutateJson(random, sound) : printJson(sound));
  const file = join(folder(), 'signalbox.jsonc');
  try {
    const config = parseConfig(text, file, ENVIRONMENT);
    const plugins = [...QUIET.plugins, ...config.plugins];
    const generation = await createGeneration({ ...config, plugins }, { importPlugin });
    await generation.close();
  } catch (error) {
    checkError(error, text);
  }
}

function checkError(error: unknown, text: string): void {
  const wrong = (what: string): never => {
    throw new Error(`${what}: ${error instanceof Error ? error.stack : String(error)}\nin ${text.slice(0, 3_000)}`, {
      cause: error,
    });
  };
  if (!(error instanceof ConfigError)) wrong('not an error of a config');
  for (const { file, line, message, path } of (error as ConfigError).problems) {
    if (file !== 'signalbox.jsonc' || line === undefined) wrong(`a problem without a place (${path})`);
    if (message === '' || ENGINE.test(message.replace(UNLOADED, '')))
      wrong(`a problem that nobody understands (${message})`);
  }
  if ((error as ConfigError).message.includes(SECRET) && !isMisplaced(parsed(text))) wrong('a secret in an error');
}

/** Whether a secret stands where nobody would take it for one, or in what cannot be read. */
function isMisplaced(value: JsonValue | undefined, place = ''): boolean {
  if (value === undefined) return true;
  if (typeof value === 'string') {
    return (value.includes(SECRET) || value.includes('FUZZ_KEY')) && !SECRET_PLACE.test(place);
  }
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some((item) => isMisplaced(item, place));
  return Object.entries(value as JsonObject).some(
    ([key, item]) => key.includes(SECRET) || isMisplaced(item, `${place}.${key}`),
  );
}

/** As a person may have written it: with comments and commas, and now and then a slip of the hand. */
function textOf(random: Random, json: string): string {
  const value = random.chance(0.5) ? parsed(json) : undefined;
  let text = value === undefined ? json : JSON.stringify(value, null, 2);
  if (random.chance(0.3)) text = text.replaceAll(/\n( *)([}\]])/g, ',\n$1$2');
  if (random.chance(0.3)) text = text.replaceAll(/,\n/g, () => (random.chance(0.2) ? ', // "a": [\n' : ',\n'));
  return random.chance(0.15) ? mutateBytes(random, Buffer.from(text)).toString() : text;
}
