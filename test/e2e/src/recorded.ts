import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import type { JsonObject } from '@signalbox/kit';

/** The recordings lie beside the repository, where a machine has them; they are never part of it. */
const FOLDER = new URL('../../../../shared/claude-code/requests/', import.meta.url);

/** One request of the real client, as the recordings hold it. */
export interface RecordedCall {
  readonly name: string;
  readonly kind: string;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject | null;
}

/** All recordings; none where the folder is absent. */
export function recordedCalls(): readonly RecordedCall[] {
  if (!existsSync(FOLDER)) return [];
  const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
  return files.sort().map((file) => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as RecordedCall);
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** The bytes of a recording, sent again with its own headers. */
export function send(url: string, { method, path, query, headers, body }: RecordedCall): Promise<Answer> {
  const own = Object.fromEntries(
    Object.entries(headers).filter(([name]) => !/^(host|content-length|connection|accept-encoding)$/i.test(name)),
  );
  const bytes = body === null ? undefined : Buffer.from(JSON.stringify(body));
  const search = query === '' || query.startsWith('?') ? query : `?${query}`;
  return new Promise((resolve, reject) => {
    const call = httpRequest(`${url}${path}${search}`, { method, headers: own }, (response) => {
      text(response).then(
        (content) => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: content }),
        reject,
      );
    });
    call.once('error', reject);
    call.end(bytes);
  });
}
