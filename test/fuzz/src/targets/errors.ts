import { SignalboxError } from '@signalbox/kit';
import { misfitsOfEvents } from '../canonical.ts';
import { mutateBytes } from '../mutate-bytes.ts';
import { mutateJson } from '../mutate-json.ts';
import { nastyValue, printJson, WORDS } from '../nasty.ts';
import type { Random } from '../random.ts';
import { type Subject, subjects } from '../subjects.ts';
import { expectNone, type Target } from '../target.ts';
import { converseSubject } from './converse.ts';

const providers: readonly Subject[] = [...subjects, converseSubject];
const HEADERS = [
  ...['retry-after', 'retry-after-ms', 'x-should-retry', 'x-amzn-errortype', 'x-ratelimit-reset-requests'],
  ...['anthropic-ratelimit-requests-reset', 'x-ratelimit-reset-tokens', 'x-ratelimit-reset', 'content-type'],
];
const TIMES = ['-1', '1e99', '0', '99999999999999', 'NaN', '', ' 5 ', 'Wed, 21 Oct 2099 07:28:00 GMT', '6m0s', '1.5'];
/** What a header may hold; Node refuses anything else. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What providers say with an error status, and what every client is told of it. */
export const errorTargets: readonly Target[] = providers.map((subject) => ({
  name: `error ${subject.id}`,
  run: (random) => decodeError(random, subject),
}));

function decodeError(random: Random, { format, errors }: Subject): void {
  const status = random.pick([
    400, 401, 402, 403, 404, 408, 409, 413, 418, 422, 429, 498, 499, 500, 502, 503, 529, 599,
  ]);
  const error = format.decodeError(status, headersOf(random), bodyOf(random, errors));
  if (!SignalboxError.is(error)) throw new Error('not an error of ours');
  expectNone(misfitsOfEvents([{ type: 'error', error: error.info() }]));
  for (const client of subjects) tell(client, error);
}

function headersOf(random: Random): Record<string, string> {
  const names = HEADERS.filter(() => random.chance(0.3));
  return Object.fromEntries(names.map((name) => [name, random.pick([...TIMES, ...WORDS])]));
}

function bodyOf(random: Random, errors: Subject['errors']): string {
  const said = random.chance(0.1)
    ? printJson(nastyValue(random))
    : mutateJson(random, random.pick(errors), random.pick(providers).errors);
  return random.chance(0.15) ? mutateBytes(random, Buffer.from(said)).toString() : said;
}

function tell({ format }: Subject, error: SignalboxError): void {
  const { status, headers, body } = format.encodeError(error, { exchangeId: 'sbx_fuzz' });
  if (!Number.isInteger(status) || status < 400 || status > 599) throw new Error(`${format.id}: status ${status}`);
  for (const name in headers) {
    if (!HEADER_VALUE.test(headers[name] ?? '')) throw new Error(`${format.id}: ${name} is ${headers[name]}`);
  }
  const text = JSON.stringify(body);
  const again = format.decodeError(status, headers, text);
  if (!SignalboxError.is(again)) throw new Error(`${format.id} cannot read its own error`);
}
