import { isPlainPattern, type StrictProvider } from '@signalbox/kit';

const FORMATS: ReadonlySet<unknown> = new Set([
  ...['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid'],
]);
/** What Anthropic takes in all strict schemas of one request. */
const MAX_SCHEMAS = 20;
const MAX_OPTIONAL = 24;
const MAX_UNIONS = 16;

/** Anthropic's strict schemas, of one request: objects are closed, nothing recurses, and there are few keywords. */
export function strictRules(): StrictProvider {
  let schemas = 0;
  let optional = 0;
  let unions = 0;
  return {
    takes: (keyword, value) => {
      if (keyword === 'pattern') return isPlainPattern(value);
      if (keyword === 'format') return FORMATS.has(value);
      return keyword === 'default' || (keyword === 'minItems' && value === 1);
    },
    recursion: false,
    allRequired: false,
    typedValues: false,
    refuses: (size) => {
      if (schemas >= MAX_SCHEMAS) return `a request has at most ${MAX_SCHEMAS} strict schemas`;
      if (optional + size.optional > MAX_OPTIONAL) {
        return `the strict schemas of a request have at most ${MAX_OPTIONAL} optional properties`;
      }
      if (unions + size.unions > MAX_UNIONS) {
        return `the strict schemas of a request have at most ${MAX_UNIONS} places with several types`;
      }
      schemas++;
      optional += size.optional;
      unions += size.unions;
      return undefined;
    },
  };
}
