import type { JsonObject } from '@signalbox/kit';
import { clients } from '@signalbox/test-faults';
import { BOUND_MS, type FuzzedGateway, TARGET_HEADER } from '../gateway.ts';
import { anyBytes, mutateBytes } from '../mutate-bytes.ts';
import { mutateJson } from '../mutate-json.ts';
import { WORDS } from '../nasty.ts';
import { type FuzzedProvider, soundAnswer } from '../providers.ts';
import type { Random } from '../random.ts';
import { type Subject, subjects } from '../subjects.ts';
import type { Target } from '../target.ts';
import { checkAnswer, type Heard, hear } from './heard.ts';

/** What a header may hold. */
const HEADER = /^[\x20-\x7e]*$/;
const BODIES = ['application/json', 'application/json', 'application/json', 'text/plain', 'multipart/form-data', ''];
let number = 0;

/** Whatever a client sends to any path of its format: it gets a sound answer, or an error of its format that is its own fault. */
export function clientTargets(gateway: FuzzedGateway, providers: readonly FuzzedProvider[]): readonly Target[] {
  return subjects.map((subject) => ({
    name: `client ${subject.id}`,
    atOnce: 8,
    run: (random) => askAnything(random, subject, gateway, random.pick(providers)),
  }));
}

async function askAnything(
  random: Random,
  subject: Subject,
  gateway: FuzzedGateway,
  provider: FuzzedProvider,
): Promise<void> {
  const model = `fuzz-${number++}x`;
  const answers = random.next();
  provider.answer(model, (stream) => soundAnswer(random, provider.subject, stream));
  const route = routeOf(random, subject);
  const headers = headersOf(random, subject.id, `${provider.subject.id}/${model}`);
  const body = route.method === 'POST' ? bodyOf(random, subject) : undefined;
  let heard: Heard;
  try {
    heard = await hear(gateway.url + route.path, route.method, headers, body, AbortSignal.timeout(BOUND_MS));
  } finally {
    provider.forget(model);
  }
  const faults = gateway.takeFaults();
  const asked = () =>
    `${route.method} ${route.path} → ${provider.subject.id}, ${answers}: ${body?.toString().slice(0, 3_000)}`;
  if (heard.status === 500) throw new Error(`a fault of the gateway’s: ${heard.raw.toString()}; asked: ${asked()}`);
  checkAnswer(subject, heard, route, faults, asked);
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly operation: string;
}

function routeOf(random: Random, { id, format }: Subject): Asked {
  const chats = format.ingress.filter(({ operation }) => operation === 'chat');
  const { method, path, operation } = random.pick(random.chance(0.85) ? chats : format.ingress);
  const name = random.chance(0.1) ? nameOf(random) : 'asked-for';
  const filled = path.replace(/[:*](?:model|id)\b/g, () => name).replaceAll('\\', '');
  const query = random.chance(0.1) ? `?${random.pick(['alt=sse', 'alt=json', 'a=%', 'x'.repeat(2_000), 'key=k'])}` : '';
  return { method, path: filled + (query === '' && id === 'gemini' ? '?alt=sse' : query), operation };
}

/** Some of these cannot be read as a part of a path at all. */
function nameOf(random: Random): string {
  if (random.chance(0.7)) return encodeURIComponent(random.pick(WORDS).toWellFormed());
  return random.pick(['%', '%E0%A4%A', '%00', '%2e%2e%2f', '..', 'a//b', '%F0%9F%98', ':x', 'x'.repeat(4_000), '*']);
}

function headersOf(random: Random, id: string, target: string): Record<string, string> {
  const { headers = {} } = clients.find((client) => client.id === id) ?? {};
  const type = random.pick(BODIES);
  const more: Record<string, string> = {};
  for (const name of ['x-signalbox-strict', 'anthropic-beta', 'x-session-id', 'user-agent', 'x-claude-code-agent-id']) {
    const value = random.pick(WORDS);
    if (random.chance(0.03) && HEADER.test(value)) more[name] = value;
  }
  // Nearly as much as there is room for.
  if (random.chance(0.01)) more['x-long'] = 'x'.repeat(random.int(28_000));
  if (random.chance(0.1)) more['x-signalbox-receipt'] = 'full';
  if (random.chance(0.02)) more['content-encoding'] = random.pick(['gzip', 'identity', 'nonsense']);
  return { ...headers, ...(type === '' ? {} : { 'content-type': type }), ...more, [TARGET_HEADER]: target };
}

function bodyOf(random: Random, { requests }: Subject): Buffer {
  const request: JsonObject = random.pick(requests);
  const share = random.next();
  if (share < 0.75) return Buffer.from(mutateJson(random, request, random.pick(subjects).requests));
  if (share < 0.85) return mutateBytes(random, Buffer.from(JSON.stringify(request)));
  if (share < 0.9) return anyBytes(random);
  return share < 0.93 ? Buffer.alloc(0) : Buffer.from(JSON.stringify(request));
}
