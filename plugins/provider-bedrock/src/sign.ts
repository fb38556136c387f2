import type { SignableRequest } from '@signalbox/kit';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';

export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface SignedRequest extends SignableRequest {
  readonly method: 'GET' | 'POST';
}

const SERVICE = 'bedrock';

/** Signs calls as AWS wants it (SigV4), with Node's own hash. A function is asked for the key of each call. */
export function createSigner(
  region: string,
  credentials: AccessKey | (() => Promise<AccessKey>),
): (request: SignedRequest) => Promise<Record<string, string>> {
  const signer = new SignatureV4({
    region,
    credentials,
    service: SERVICE,
    // The signer makes one for each hash, with a key or without.
    sha256: class extends Hash {
      constructor(secret?: ConstructorParameters<typeof Hash>[1]) {
        super('sha256', secret);
      }
    },
  });
  return async ({ method, url, headers, body }) => {
    const { protocol, host, hostname, port, pathname, searchParams } = new URL(url);
    const contentType = headers['content-type'];
    const signed = await signer.sign({
      method,
      protocol,
      hostname,
      ...(port === '' ? {} : { port: Number(port) }),
      path: pathname,
      query: Object.fromEntries(searchParams),
      // What may change on the way is not signed.
      headers: { host, ...(contentType === undefined ? {} : { 'content-type': contentType }) },
      body,
    });
    const { host: _, ...rest } = signed.headers;
    return { ...headers, ...rest };
  };
}
