import { readFile } from 'node:fs/promises';
import { text as readStream } from 'node:stream/consumers';
import { createGeneration } from '@signalbox/core';
import type { JsonObject } from '@signalbox/kit';
import { explainRequest, requestToExplain } from '@signalbox/server';
import type { CommandLine } from '../arguments.ts';
import { readConfig } from '../config-source.ts';
import { explanationText } from '../explanation-text.ts';
import { ExitError, UsageError } from '../failure.ts';
import { pluginsOfThisInstallation } from '../import-plugin.ts';

/** Says what the gateway would do with a request from a file or standard input, without calling a provider. */
export async function run({ common, explain: options, rest }: CommandLine, env: NodeJS.ProcessEnv): Promise<number> {
  const [file] = rest;
  if (file === undefined && process.stdin.isTTY) {
    throw new UsageError('give a file, or the request on standard input: signalbox explain < request.json');
  }
  const request = requestToExplain(parse(await read(file), file ?? 'standard input'), options.path, options.model);
  const generation = await createGeneration(await readConfig(common, env), {
    importPlugin: pluginsOfThisInstallation(),
  });
  try {
    const explanation = await explainRequest(generation, request, { id: 'local' });
    process.stdout.write(
      options.json === true ? `${JSON.stringify(explanation, undefined, 2)}\n` : explanationText(explanation),
    );
    return explanation.error === undefined ? 0 : 1;
  } finally {
    await generation.close();
  }
}

async function read(file: string | undefined): Promise<string> {
  if (file === undefined || file === '-') return readStream(process.stdin);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ExitError(`${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`, 1);
  }
}

function parse(text: string, source: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ExitError(`${source} is not JSON: ${error instanceof Error ? error.message : String(error)}`, 1);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ExitError(`${source} is not a JSON object: a client's request body, or {"path", "headers", "body"}`, 1);
  }
  return value as JsonObject;
}
