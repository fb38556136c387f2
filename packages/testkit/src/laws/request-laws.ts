import assert from 'node:assert/strict';
import { type Format, Notes } from '@signalbox/kit';
import type { Fixture } from './fixtures.ts';
import { type FormatOptions, targetContext } from './format-context.ts';
import { deepFreeze, type Law } from './law.ts';

export function requestLaws(format: Format, { name, request }: Fixture, options: FormatOptions): Law[] {
  if (request === undefined) return [];
  const { normalise = (body) => body } = options;
  return [
    {
      name: `${name}: a request that is decoded and encoded again is the same`,
      check: () => {
        const decoded = deepFreeze(format.decodeRequest(deepFreeze(request), { headers: {}, notes: new Notes() }));
        const encoded = format.encodeRequest(decoded, targetContext(format, options, decoded.model));
        assert.deepEqual(normalise(JSON.parse(JSON.stringify(encoded))), normalise(request));
      },
    },
  ];
}
