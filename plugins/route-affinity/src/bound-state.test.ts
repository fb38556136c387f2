import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { boundStateOf } from './bound-state.ts';

const of = (body: unknown, spaces?: number, format = 'openai-responses') =>
  boundStateOf({ format, rawBody: Buffer.from(JSON.stringify(body, undefined, spaces)) });

describe('boundStateOf', () => {
  it.each([
    [{ previous_response_id: 'resp_1' }, 'stored'],
    [{ previous_response_id: null }, undefined],
    [{ previous_response_id: '' }, undefined],
    // The gateway's own, which no account knows.
    [{ previous_response_id: 'resp_sbx_1' }, undefined],
    [{ previous_response_id: 'resp_sbx_1', input: [{ encrypted_content: 'g' }] }, 'encrypted'],
    [{ input: [{ type: 'item_reference', id: 'i' }] }, 'stored'],
    [{ input: [{ type: 'reasoning', encrypted_content: 'gAAA' }] }, 'encrypted'],
    [{ input: [{ type: 'reasoning', encrypted_content: null }, { encrypted_content: 'gAAA' }] }, 'encrypted'],
    [{ messages: [{ reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }] }] }, 'encrypted'],
    [{ previous_response_id: 'r', input: [{ encrypted_content: 'g' }] }, 'stored'],
    [{ cachedContent: 'cachedContents/1' }, 'stored'],
    [{ include: ['reasoning.encrypted_content'] }, undefined],
    [{ messages: [{ content: '"previous_response_id": "x", "encrypted_content": "y"' }] }, undefined],
    [{}, undefined],
  ])('%j: %s', (body, expected) => {
    expect(of(body)).toBe(expected);
    expect(of(body, 2)).toBe(expected);
  });

  it.each([
    ['anthropic-messages', { content: [{ type: 'web_search_result', encrypted_content: 'E' }] }, undefined],
    ['openai-chat', { previous_response_id: 'a tool’s own word' }, undefined],
    ['openai-chat', { reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }] }, 'encrypted'],
    ['another', { previous_response_id: 'r' }, 'stored'],
  ])('is what it is in %s: %j', (format, body, expected) => {
    expect(of(body, undefined, format)).toBe(expected);
  });

  it('finds nothing in a text, whatever it says', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('"previous_response_id":"x"', '"item_reference"', '"encrypted_content":"x"'),
        (text, mark) => {
          expect(of({ content: `${text}${mark}${text}` })).toBeUndefined();
          expect(of({ text, previous_response_id: 'x' })).toBe('stored');
        },
      ),
    );
  });
});
