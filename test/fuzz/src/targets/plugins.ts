import { configOf, createGeneration } from '@signalbox/core';
import type { JsonObject } from '@signalbox/kit';
import { startServer } from '@signalbox/server';
import { clients } from '@signalbox/test-faults';
import { brokenPlugins, MISDEED_HEADER, type Misdeeds, PLACES, PLUGIN_SECRET } from '../broken-plugins.ts';
import { BOUND_MS, TARGET_HEADER } from '../gateway.ts';
import { anyMisdeed } from '../misdeeds.ts';
import { type FuzzedProvider, soundAnswer } from '../providers.ts';
import { quietLog } from '../quiet-log.ts';
import type { Random } from '../random.ts';
import { type Subject, subjects } from '../subjects.ts';
import type { Target } from '../target.ts';
import { hear, isErrorOf } from './heard.ts';

let number = 0;

/** Plugins that throw, or give what nobody asked for, in any function that they have: the client gets an answer or an error. */
export async function pluginTarget(providers: readonly FuzzedProvider[]): Promise<Target> {
  const provider = providers.find(({ subject }) => subject.id === 'openai-chat');
  if (provider === undefined) throw new Error('nobody speaks openai-chat');
  const misdeeds: Misdeeds = new Map();
  const plugins = brokenPlugins(misdeeds, `${provider.url}/chat/completions`);
  const config = configOf([...subjects.map(({ format }) => [format as never] as const), ...plugins, [quietLog]], {
    server: { port: 0, keepAliveMs: 100, openStreamAfterMs: 500 },
  });
  const gateway = await startServer(await createGeneration(config), { version: '0.0.0-fuzz' });
  return {
    name: 'plugin',
    atOnce: 4,
    run: (random) => misbehave(random, gateway.url, provider, misdeeds),
    close: () => gateway.close(0),
  };
}

async function misbehave(random: Random, url: string, provider: FuzzedProvider, misdeeds: Misdeeds): Promise<void> {
  const model = `fuzz-${number++}x`;
  const subject: Subject = random.pick(subjects);
  const client = clients.find(({ id }) => id === subject.id);
  if (client === undefined) throw new Error(`there are no clients of ${subject.id}`);
  const { place, isAsync } = random.pick(PLACES);
  const run = anyMisdeed(random, isAsync);
  misdeeds.set(model, { place, run });
  const stream = random.chance(0.5);
  const answers = random.chance(0.8);
  provider.answer(model, (asked) =>
    answers
      ? soundAnswer(random, provider.subject, asked)
      : { status: 400, headers: {}, chunks: [Buffer.from(`{"error":{"message":"no ${model}"}}`)], end: 'end' },
  );
  const headers = {
    ...client.headers,
    'content-type': 'application/json',
    [MISDEED_HEADER]: model,
    [TARGET_HEADER]: `${place === 'answer' ? 'broken-local' : 'broken'}/${model}`,
  };
  const body = Buffer.from(JSON.stringify(client.body(stream) as JsonObject));
  const heard = await hear(url + client.path(stream), 'POST', headers, body, AbortSignal.timeout(BOUND_MS));
  provider.forget(model);
  misdeeds.delete(model);
  const { status, raw, broken } = heard;
  const text = raw.toString();
  const wrong = (what: string): never => {
    throw new Error(
      `${place} of ${subject.id}, ${stream ? 'streamed' : 'whole'}, ${run}: ${what}; ${status} ${text.slice(0, 800)}`,
    );
  };
  if (broken !== undefined) wrong(broken);
  if (text.includes(PLUGIN_SECRET)) wrong('a secret in an answer');
  if (status >= 400 && !isErrorOf(subject.id, text)) wrong('no error in the client’s format');
}
