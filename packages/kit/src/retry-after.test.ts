import { describe, expect, it } from '@jest/globals';
import { errors } from './errors.ts';
import { retryAfterSeconds, retryHeaders } from './retry-after.ts';

describe('retryAfterSeconds', () => {
  it.each([
    ['seconds', { 'retry-after': '7' }, 7],
    ['parts of a second', { 'retry-after': ' 2.1 ' }, 2.1],
    ['milliseconds, before seconds', { 'retry-after-ms': '1200', 'retry-after': '9' }, 1.2],
    ['no more than it says', { 'retry-after': '1.1' }, 1.1],
    ['a tenth of a second', { 'retry-after-ms': '100' }, 0.1],
    ['less than a millisecond', { 'retry-after-ms': '0.4' }, 0.001],
    ['milliseconds that are none', { 'retry-after-ms': 'soon', 'retry-after': '9' }, 9],
    ['a date', { 'retry-after': 'Thu, 01 Jan 1970 00:00:30 GMT' }, 26],
    ['a date that is over', { 'retry-after': 'Thu, 01 Jan 1970 00:00:01 GMT' }, 0],
    ['a week at most', { 'retry-after': '99999999999' }, 604_800],
    ['no words', { 'retry-after': 'soon' }, undefined],
    ['nothing', { 'retry-after': '' }, undefined],
    ['nothing negative', { 'retry-after': '-5', 'retry-after-ms': '-5' }, undefined],
    ['no header', {}, undefined],
  ])('F92 reads the headers in seconds, exact to the millisecond: %s', (_what, headers, expected) => {
    expect(retryAfterSeconds(headers, undefined, 4_000)).toBe(expected);
  });

  it.each([
    ['Please try again in 1.5s.', 1.5],
    ['try again in 1m2.5s', 62.5],
    ['try again in 120ms', 0.12],
    ['Please retry in 34.07s', 34.07],
    ['Retry after 2 h', 7_200],
    ['try again later', undefined],
    ['try again in 1.2.3s', undefined],
  ])('F92 reads the words where no header says it: %s', (message, expected) => {
    expect(retryAfterSeconds({}, message)).toBe(expected);
    expect(retryAfterSeconds({ 'retry-after': '5' }, message)).toBe(5);
  });
});

it('F92 retryHeaders says when to come again, and whether, where that is known', () => {
  expect(retryHeaders(errors.rateLimited('Slow down.', { retryAfterSeconds: 7 }))).toEqual({ 'retry-after': '7' });
  expect(retryHeaders(errors.rateLimited('Slow down.', { retryAfterSeconds: 0.1 }))).toEqual({ 'retry-after': '1' });
  expect(retryHeaders(errors.quotaExhausted('Empty.'))).toEqual({ 'x-should-retry': 'false' });
  expect(retryHeaders(errors.notFound('None.'))).toEqual({});
});
