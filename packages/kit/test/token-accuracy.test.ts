import { describe, expect, it } from '@jest/globals';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { tokensOfJson } from '../src/token-json.ts';
import { tokensOfText } from '../src/token-text.ts';
import { corpus, recordedBodies } from './token-corpus.ts';

/** Special tokens are text, as they are to the estimate. */
const count = (text: string): number => countTokens(text, { disallowedSpecial: new Set<string>() });
const errorOf = (estimated: number, real: number): number => estimated / real - 1;

/** In per cent of the real count, as `docs/token-estimates.md` states them: of the mean sample, and of the worst. */
const BOUNDS: Readonly<Record<string, { readonly mean: number; readonly worst: number }>> = {
  'requests of Claude Code': { mean: 2, worst: 5 },
  'source code': { mean: 3, worst: 20 },
  documentation: { mean: 3, worst: 15 },
  JSON: { mean: 7, worst: 20 },
  'machine text': { mean: 7, worst: 10 },
  prose: { mean: 9, worst: 25 },
  'base64 and hashes': { mean: 9, worst: 13 },
};

const rounded = (share: number): number => Math.round(share * 1000) / 10;

describe('the estimate beside a real tokenizer', () => {
  for (const [kind, samples] of corpus()) {
    const { mean, worst } = BOUNDS[kind] ?? { mean: 0, worst: 0 };
    if (samples.length === 0) {
      it(`SKIPPED: the ${kind} (../shared/claude-code/requests) are not on this machine`, () => {
        process.stderr.write(`token-accuracy.test.ts: ../shared/claude-code/requests is absent, ${kind} not counted\n`);
        expect(samples).toEqual([]);
      });
      continue;
    }
    it(`is off by ${mean} % at most on average and ${worst} % at worst: ${kind}`, () => {
      const errors = samples.map(({ name, text }) => ({
        name,
        error: rounded(errorOf(tokensOfText(text), count(text))),
      }));
      const average = errors.reduce((sum, { error }) => sum + Math.abs(error), 0) / errors.length;
      expect(errors.filter(({ error }) => Math.abs(error) > worst)).toEqual([]);
      expect(average).toBeLessThanOrEqual(mean);
      if (process.env.TOKEN_ERRORS !== undefined) {
        const [far] = errors.sort((a, b) => Math.abs(b.error) - Math.abs(a.error));
        process.stderr.write(
          `${kind}: ${samples.length} samples, mean ${average.toFixed(1)} %, worst ${far?.error} % (${far?.name})\n`,
        );
      }
    });
  }

  it('is off by 5 % at most for tool schemas, which are walked and not printed', () => {
    for (const { name, body } of recordedBodies()) {
      const schemas = (body.tools ?? []).flatMap(({ input_schema: schema }) => (schema === undefined ? [] : [schema]));
      if (schemas.length === 0) continue;
      const real = schemas.reduce<number>((sum, schema) => sum + count(JSON.stringify(schema)), 0);
      const estimated = schemas.reduce<number>((sum, schema) => sum + tokensOfJson(schema as never), 0);
      expect({ name, off: Math.abs(errorOf(estimated, real)) < 0.05 }).toEqual({ name, off: true });
    }
  });

  it('takes special tokens for the text that they are', () => {
    for (const special of ['<|endoftext|>', '<|im_start|>', '<|im_end|>', '<|fim_prefix|>', '<|return|>']) {
      const text = `Tell me what ${special} means in a prompt, please. `.repeat(20);
      expect(tokensOfText(text)).toBeGreaterThan(tokensOfText(text.replaceAll(special, '')) + 20 * 2);
      expect(Math.abs(errorOf(tokensOfText(text), count(text)))).toBeLessThan(0.25);
    }
  });
});
