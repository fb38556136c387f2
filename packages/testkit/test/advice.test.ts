import { describe, expect, it } from '@jest/globals';
import { errors, type Format } from '@signalbox/kit';
import { brokenLaws, essence, formatLaws } from '../src/laws/index.ts';
import { sampleFormat } from './sample-format.ts';

/** What the law of this name says about the format; `''` where it holds. */
async function saidBy(law: RegExp, broken: Partial<Format>): Promise<string> {
  const laws = formatLaws({ ...sampleFormat, ...broken }, { runs: 20 }).filter(({ name }) => law.test(name));
  const [found] = await brokenLaws(laws);
  if (found === undefined) return '';
  const { message, cause } = found.error as Error & { cause?: Error };
  return `${message}\n${cause?.message ?? ''}`;
}

describe('a law that does not hold says what to do', () => {
  it('about content that a format cannot say', async () => {
    const said = await saidBy(/^a whole reply that is encoded/, {
      encodeReply: ({ stopReason }) => ({ content: [], stopReason }),
    });
    expect(said).toContain('If the format cannot say this, restrict `features` or `survives`.');
  });

  it('about an error of another class, with the codes that would do', async () => {
    const said = await saidBy(/^the error MODEL_NOT_FOUND/, { decodeError: () => errors.invalidRequest('No.') });
    expect(said).toContain('MODEL_NOT_FOUND 404 went out as status 404 and was decoded as INVALID_REQUEST 400');
    expect(said).toContain('a client would do the same about: NOT_FOUND, NO_ROUTE, MODEL_NOT_FOUND');
  });

  it('about what is lost, with its path and the notes that there are', async () => {
    const said = await saidBy(/^what a request loses/, {
      encodeRequest: ({ maxOutputTokens: _, ...request }, target) => {
        target.notes.add('topP', 'dropped', 'no such field');
        return sampleFormat.encodeRequest(request, target);
      },
    });
    expect(said).toMatch(/lost without a note: maxOutputTokens \(\d+\); notes: .*topP/);
  });
});

it('reasoning that only names its origin is the same as reasoning without state', () => {
  const reply = (state: object) => ({
    content: [{ type: 'reasoning', text: 'Hm.', ...state } as const],
    stopReason: 'end-turn' as const,
  });
  expect(essence(reply({ state: { origin: 'acme', data: {} } }))).toEqual(essence(reply({})));
  expect(essence(reply({ state: { origin: 'acme', data: 'c2ln' } }))).not.toEqual(essence(reply({})));
});
