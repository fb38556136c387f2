import { isPlainPattern, type SchemaSize, type StrictProvider } from '@signalbox/kit';

const NUMBERS: ReadonlySet<string> = new Set([
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf', 'minItems', 'maxItems'],
]);
const FORMATS: ReadonlySet<unknown> = new Set([
  ...['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'ipv4', 'ipv6', 'uuid'],
]);
/** What OpenAI takes of one schema. */
const MAX: Partial<SchemaSize> = { properties: 5_000, depth: 10, values: 1_000, characters: 120_000 };

/** OpenAI's strict schemas: objects are closed and require all their properties; recursion is fine. */
export const STRICT: StrictProvider = {
  takes: (keyword, value) => {
    if (keyword === 'pattern') return isPlainPattern(value);
    return keyword === 'format' ? FORMATS.has(value) : NUMBERS.has(keyword) && typeof value === 'number';
  },
  recursion: true,
  allRequired: true,
  typedValues: true,
  refuses: (size) => {
    for (const key in MAX) {
      const of = key as keyof SchemaSize;
      if (size[of] > (MAX[of] ?? 0)) return `it has more than ${MAX[of]} ${of === 'depth' ? 'levels' : of}`;
    }
    return undefined;
  },
};
