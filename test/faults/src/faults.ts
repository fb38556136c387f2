import { gzipSync } from 'node:zlib';
import {
  cutAfter,
  dropConnection,
  hang,
  headersThenHang,
  htmlError,
  inOrder,
  json,
  pingOnly,
  raw,
  slow,
  sse,
} from '@signalbox/testkit';
import {
  answered,
  begun,
  broken,
  cut,
  type Fault,
  final,
  good,
  half,
  lasting,
  ok,
  passing,
  respondWith,
  status,
  turnOf,
  USAGE,
} from './fault.ts';
import { wireFaults } from './wire-faults.ts';

export const faults: readonly Fault[] = [
  { name: 'none', respond: ok(), expected: answered },
  { name: '401', respond: status(401), expected: { ...lasting, status: 502, code: 'PROVIDER_AUTH' } },
  { name: '402', respond: status(402), expected: { ...lasting, code: 'PROVIDER_BILLING' } },
  { name: '403', respond: status(403), expected: { ...lasting, status: 502, code: 'PROVIDER_AUTH' } },
  {
    name: '404 unknown model',
    respond: status(404, { message: 'The model `x` does not exist', type: 'not_found_error', code: 'model_not_found' }),
    expected: { ...lasting, status: 404, code: 'MODEL_NOT_FOUND' },
  },
  { name: '408', respond: status(408), expected: { ...passing, status: 408 } },
  { name: '409', respond: status(409), expected: { ...passing, status: 409 } },
  { name: '413', respond: status(413), expected: { ...final, status: 413 } },
  {
    name: 'F92 429 without retry-after',
    respond: status(429, { message: 'slow down', type: 'rate_limit_error' }),
    expected: { ...lasting, status: 429, code: 'RATE_LIMITED' },
  },
  {
    name: 'F92 429, soon over',
    respond: status(429, { message: 'slow down', type: 'rate_limit_error', retryAfterMs: 30 }),
    expected: { ...passing, status: 429, code: 'RATE_LIMITED' },
  },
  {
    name: 'F92 429, a long one',
    respond: status(429, { message: 'slow down', type: 'rate_limit_error', retryAfterMs: 30_000 }),
    expected: { ...lasting, status: 429, code: 'RATE_LIMITED' },
  },
  {
    name: '429 used-up quota',
    respond: status(429, {
      message: 'You exceeded your current quota, please check your plan and billing details.',
      type: 'insufficient_quota',
      code: 'insufficient_quota',
    }),
    expected: { ...lasting, status: 429, code: 'QUOTA_EXHAUSTED' },
  },
  { name: '500', respond: status(500), expected: { ...passing, status: 500, code: 'PROVIDER_FAILED' } },
  { name: '502 web page', respond: () => htmlError(502), expected: { ...passing, code: 'PROVIDER_FAILED' } },
  { name: 'F95 503', respond: status(503), expected: passing },
  {
    name: '529 overloaded',
    respond: status(529, { message: 'Overloaded', type: 'overloaded_error' }),
    expected: { ...passing, code: 'PROVIDER_OVERLOADED' },
  },
  // How long it takes to find out is the resolver's affair: it may be a timeout.
  { name: 'no such host', waits: true, respond: 'dns', expected: { ...passing, calls: 0 } },
  { name: 'refused', respond: 'refused', expected: { ...passing, calls: 0, code: 'PROVIDER_UNREACHABLE' } },
  {
    name: 'reset before headers',
    respond: () => dropConnection('rst'),
    // A kept connection that dies is replaced without counting.
    expected: { ...passing, calls: [2, 4], code: 'PROVIDER_UNREACHABLE' },
  },
  {
    name: 'closed before headers',
    respond: () => dropConnection('fin'),
    expected: { ...passing, calls: [2, 4], code: 'PROVIDER_UNREACHABLE' },
  },
  {
    name: 'reset after headers',
    respond: ({ streamType }) => cutAfter(0, 'rst', raw(200, { 'content-type': streamType }, 'x')),
    expected: { ...passing, code: 'CUT_STREAM' },
  },
  {
    name: 'F94 no answer at all',
    waits: true,
    limit: 'headersMs',
    respond: () => hang(),
    expected: { ...lasting, status: 504, code: 'HEADERS_TIMEOUT' },
  },
  {
    name: 'slow first byte',
    waits: true,
    respond: (kind, stream) => slow(150, ok()(kind, stream)),
    expected: answered,
  },
  {
    name: 'headers and no more',
    waits: true,
    limit: 'firstEventMs',
    respond: ({ streamType }) => headersThenHang({ headers: { 'content-type': streamType } }),
    expected: { ...lasting, status: 504, code: 'FIRST_EVENT_TIMEOUT' },
  },
  {
    name: 'F20 pings for ever',
    waits: true,
    limit: 'firstEventMs',
    respond: ({ ping }) => pingOnly({ everyMs: 30, frame: ping }),
    expected: { ...lasting, status: 504, code: 'FIRST_EVENT_TIMEOUT' },
  },
  {
    name: 'stall in the middle',
    waits: true,
    limit: 'idleMs',
    respond: half((type, part) => headersThenHang({ headers: { 'content-type': type }, content: part })),
    expected: { ...broken, wholeCalls: 1, status: 504 },
  },
  {
    name: 'F22 reset behind the start of a block',
    respond: begun((type, part) => cutAfter(part.length, 'rst', raw(200, { 'content-type': type }, `${part} more`))),
    expected: { ...passing, code: 'CUT_STREAM' },
  },
  {
    name: 'F15 error behind the start of a block',
    respond: begun((type, part, kind, stream) => {
      const error = { message: 'no capacity left' };
      return stream ? raw(200, { 'content-type': type }, part + kind.errorFrame(error)) : json(200, kind.error(error));
    }),
    expected: passing,
  },
  { name: 'F21 closed in the middle', respond: cut('fin'), expected: { ...broken, code: 'CUT_STREAM' } },
  { name: 'F21 reset in the middle', respond: cut('rst'), expected: { ...broken, code: 'CUT_STREAM' } },
  {
    name: 'malformed first frame',
    respond: (kind, stream) => respondWith(kind, { body: {}, frames: [kind.brokenFrame] }, stream),
    expected: { ...passing, code: 'MALFORMED_REPLY' },
  },
  {
    name: 'malformed frame in the middle',
    respond: half((type, part, { brokenFrame }) => raw(200, { 'content-type': type }, `${part}${brokenFrame}`)),
    expected: { ...broken, code: 'MALFORMED_REPLY' },
  },
  {
    name: 'F15 error before any content',
    respond: (kind, stream) => {
      const error = { message: 'no capacity left' };
      return stream
        ? sse([kind.errorFrame(error)], { headers: { 'content-type': kind.streamType } })
        : json(200, kind.error(error));
    },
    expected: passing,
  },
  {
    name: 'F17 error in the middle',
    respond: half((type, part, kind) =>
      raw(200, { 'content-type': type }, `${part}${kind.errorFrame({ message: 'no capacity left' })}`),
    ),
    expected: broken,
  },
  {
    name: 'F21 no terminator',
    respond: (kind, stream) => {
      const { body, frames } = good(kind);
      const part = frames.slice(0, frames.length - kind.terminators);
      return stream ? respondWith(kind, { body, frames: part }, true) : cutAfter(40, 'end', json(200, body));
    },
    expected: broken,
  },
  {
    name: 'reset behind the end',
    respond: (kind, stream) => {
      const { frames } = good(kind);
      const all = frames.slice(0, frames.length - kind.epilogue).join('');
      const lost = raw(200, { 'content-type': kind.streamType }, `${all}\n`);
      return stream ? cutAfter(Buffer.byteLength(all), 'rst', lost) : ok()(kind, false);
    },
    expected: answered,
  },
  {
    name: 'F07 empty answer',
    respond: (kind, stream) => respondWith(kind, kind.answer({ usage: USAGE }), stream),
    expected: { ...passing, code: 'EMPTY_REPLY' },
  },
  {
    name: 'F07 blanks for an answer',
    respond: (kind, stream) => respondWith(kind, kind.answer({ text: ' \n', usage: USAGE }), stream),
    expected: { ...passing, code: 'EMPTY_REPLY' },
  },
  {
    name: 'empty body',
    respond: ({ streamType }, stream) => raw(200, { 'content-type': stream ? streamType : 'application/json' }),
    expected: passing,
  },
  {
    name: 'no usage',
    respond: ok((answer, kind) => kind.withoutUsage(answer)),
    expected: { ...answered, usage: 'none' },
  },
  {
    name: 'gzip that nobody asked for',
    respond: (kind, stream) => {
      const { body, frames } = good(kind);
      const bytes = gzipSync(stream ? frames.join('') : JSON.stringify(body));
      const type = stream ? kind.streamType : 'application/json';
      return raw(200, { 'content-type': type, 'content-encoding': 'gzip' }, bytes);
    },
    expected: answered,
  },
  {
    name: 'F13 in small pieces',
    respond: (kind, stream) => {
      const { body, frames } = good(kind);
      return stream
        ? sse(frames.join(''), { chunkSize: 29, headers: { 'content-type': kind.streamType } })
        : sse(JSON.stringify(body), { chunkSize: 29, headers: { 'content-type': 'application/json' } });
    },
    expected: answered,
  },
  {
    name: 'flapping',
    respond: (kind, stream) => inOrder(status(500)(kind), ok()(kind, stream)),
    expected: { ...answered, calls: 2 },
  },
  {
    name: 'F10 context overflow',
    respond: status(400, {
      message: "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
      type: 'invalid_request_error',
      code: 'context_length_exceeded',
    }),
    expected: { ...final, status: 400, code: 'CONTEXT_OVERFLOW' },
  },
  {
    name: 'refusal',
    respond: (kind, stream) => respondWith(kind, kind.answer(turnOf('alpha', { stopReason: 'refusal' })), stream),
    expected: answered,
  },
  {
    name: 'cut by the limit',
    respond: (kind, stream) => respondWith(kind, kind.answer(turnOf('alpha', { stopReason: 'max-tokens' })), stream),
    expected: answered,
  },
  ...wireFaults,
];
