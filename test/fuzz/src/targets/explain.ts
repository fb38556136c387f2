import type { JsonObject } from '@signalbox/kit';
import { clients } from '@signalbox/test-faults';
import { BOUND_MS, type FuzzedGateway } from '../gateway.ts';
import { mutateJson } from '../mutate-json.ts';
import type { Random } from '../random.ts';
import { subjects } from '../subjects.ts';
import type { Target } from '../target.ts';
import { hear } from './heard.ts';

/** Questions about what the gateway would do with a request: recorded ones, and bodies alone, damaged like any other. */
export function explainTarget(gateway: FuzzedGateway): Target {
  return { name: 'explain', atOnce: 4, run: (random) => ask(random, gateway) };
}

async function ask(random: Random, gateway: FuzzedGateway): Promise<void> {
  const { id, requests } = random.pick(subjects);
  const { path, headers = {} } = clients.find((client) => client.id === id) ?? {};
  const body: JsonObject = random.pick(requests);
  const given: JsonObject = random.chance(0.5) ? body : { path: path?.(false) ?? '/', headers: { ...headers }, body };
  const said = Buffer.from(mutateJson(random, given, requests));
  const type = { 'content-type': 'application/json' };
  const { status, raw, broken } = await hear(
    `${gateway.url}/explain`,
    'POST',
    type,
    said,
    AbortSignal.timeout(BOUND_MS),
  );
  const faults = gateway.takeFaults();
  if (broken !== undefined || faults.length > 0 || (status !== 200 && (status < 400 || status > 499))) {
    const why = broken ?? `status ${status} ${raw.toString().slice(0, 500)}`;
    throw new Error(`${why}; ${faults.join('; ')}; asked: ${said.toString().slice(0, 2_000)}`);
  }
  JSON.parse(raw.toString());
}
