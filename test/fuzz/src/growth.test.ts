import { expect, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kit';
import { userRequest } from '@signalbox/testkit';
import { newDecoding, newTarget } from './contexts.ts';
import { measure } from './growth.ts';
import { BOTTOMLESS_SCHEMAS, LARGE_REQUESTS } from './large-requests.ts';
import { subjects } from './subjects.ts';
import { orOurs } from './target.ts';
import { providerFormats } from './targets/provider-formats.ts';
import { works } from './works.ts';

it('four times as much takes about four times as long', () => {
  const steep = works(false)
    .map(measure)
    .filter((growth) => growth.steep)
    .map(({ name, ms }) => `${name}: ${ms.map((one) => one.toFixed(1)).join(' → ')} ms`);
  expect(steep).toEqual([]);
}, 180_000);

it('sees what grows faster', () => {
  const growing = (power: number) => ({
    name: 'x',
    prepare: (size: number) => () => spin((size / 1_500) ** power * 4),
  });
  expect(measure(growing(2)).steep).toBe(true);
  expect(measure(growing(1)).steep).toBe(false);
}, 30_000);

function spin(ms: number): void {
  for (const began = process.cpuUsage(); process.cpuUsage(began).user < ms * 1_000; );
}

it.each(Object.entries(BOTTOMLESS_SCHEMAS))('a schema of %s comes to an end', (_name, make) => {
  const inputSchema = make(40);
  const request = userRequest('m', {
    tools: [{ type: 'function', name: 'n', inputSchema }],
    responseFormat: { type: 'json-schema', schema: inputSchema },
  });
  for (const format of providerFormats) {
    const began = performance.now();
    const body = orOurs(() => JSON.stringify(format.encodeRequest(request, newTarget(format, 'm'))));
    expect({ id: format.id, ms: performance.now() - began < 20_000, small: (body?.length ?? 0) < 5_000_000 }).toEqual({
      id: format.id,
      ms: true,
      small: true,
    });
  }
});

/** More than the arguments that a call has room for. */
const MANY = 150_000;

it.each(['texts of one message', 'texts of the system prompt', 'calls at the same time', 'messages of one side'])(
  'there may be very many %s',
  (what) => {
    const request = LARGE_REQUESTS[what]?.(MANY);
    if (request === undefined) throw new Error(`there is nothing called ${what}`);
    for (const { format } of subjects) {
      const said = orOurs(() => JSON.stringify(format.encodeRequest(request, newTarget(format, 'm'))));
      if (said !== undefined) orOurs(() => format.decodeRequest(JSON.parse(said) as JsonObject, newDecoding(format)));
    }
  },
  60_000,
);
