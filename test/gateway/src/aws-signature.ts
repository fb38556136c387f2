import { createHash, createHmac } from 'node:crypto';
import type { RecordedRequest } from '@signalbox/testkit';

const REGION = 'eu-central-1';

/** The signature that came with a request, and the one that AWS would compute for what arrived (SigV4). */
export function signatureOf(
  request: RecordedRequest | undefined,
  secretAccessKey: string,
): { sent: string | undefined; expected: string } {
  if (request === undefined) throw new Error('there is no such request');
  const { method, headers, rawBody, path, query } = request;
  const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text).digest();
  const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex');
  const [, names = '', sent] = /SignedHeaders=([^,]+), Signature=(\w+)/.exec(headers.authorization ?? '') ?? [];
  const date = headers['x-amz-date'] ?? '';
  const scope = [date.slice(0, 8), REGION, 'bedrock', 'aws4_request'];
  const lines = names.split(';').map((name) => `${name}:${headers[name]}\n`);
  const uri = path.split('/').map(encodeURIComponent).join('/');
  const parameters = [...new URLSearchParams(query)].map((pair) => pair.map(encodeURIComponent).join('=')).sort();
  const canonical = [method, uri, parameters.join('&'), lines.join(''), names, sha256(rawBody)].join('\n');
  const text = ['AWS4-HMAC-SHA256', date, scope.join('/'), sha256(canonical)].join('\n');
  const key = scope.reduce<Buffer | string>((made, part) => hmac(made, part), `AWS4${secretAccessKey}`);
  return { sent, expected: hmac(key, text).toString('hex') };
}
