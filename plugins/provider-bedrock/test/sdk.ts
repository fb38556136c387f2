import { Readable } from 'node:stream';
import {
  BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  type ConverseStreamOutput,
  CountTokensCommand,
  type CountTokensCommandInput,
} from '@aws-sdk/client-bedrock-runtime';
import type { JsonObject, JsonValue } from '@signalbox/kit';

interface Sent {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonObject;
}

/** AWS's own client, in front of a server that answers with these bytes. */
function client(contentType: string, answer: Uint8Array | string) {
  const sent: Sent[] = [];
  const bedrock = new BedrockRuntimeClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret' },
    requestHandler: {
      handle: async (request: { path: string; headers: Record<string, string>; body: unknown }) => {
        sent.push({ path: request.path, headers: request.headers, body: JSON.parse(textOf(request.body)) });
        const body = Readable.from([Buffer.from(answer as string)]);
        return { response: { statusCode: 200, headers: { 'content-type': contentType }, body } as never };
      },
    },
  });
  return { bedrock, sent };
}

function textOf(body: unknown): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body as Uint8Array);
}

/** What AWS's client would send for a body of ours. */
export async function sentBySdk(model: string, body: JsonObject): Promise<Sent> {
  const reply = { output: { message: { role: 'assistant', content: [{ text: 'ok' }] } }, stopReason: 'end_turn' };
  const { bedrock, sent } = client('application/json', JSON.stringify(reply));
  const input = { modelId: model, ...(withBytes(body) as object) } as ConverseCommandInput;
  await bedrock.send(new ConverseCommand(input));
  return sent[0] as Sent;
}

/** What AWS's client would send to count the tokens of a Converse body, and the count that it reads in the answer. */
export async function countedBySdk(
  model: string,
  converse: JsonObject,
): Promise<Sent & { tokens: number | undefined }> {
  const { bedrock, sent } = client('application/json', '{"inputTokens":728}');
  const input = { modelId: model, input: { converse: withBytes(converse) } } as CountTokensCommandInput;
  const { inputTokens } = await bedrock.send(new CountTokensCommand(input));
  return { ...(sent[0] as Sent), tokens: inputTokens };
}

/** What AWS's client makes of a reply: it knows no field that it does not document. */
export async function readBySdk(reply: JsonObject): Promise<unknown> {
  const { bedrock } = client('application/json', JSON.stringify(reply));
  return bedrock.send(new ConverseCommand({ modelId: 'm', messages: [] }));
}

/** The events that AWS's client finds in a stream. */
export async function eventsBySdk(stream: Uint8Array): Promise<ConverseStreamOutput[]> {
  const { bedrock } = client('application/vnd.amazon.eventstream', stream);
  const { stream: events } = await bedrock.send(new ConverseStreamCommand({ modelId: 'm', messages: [] }));
  const all: ConverseStreamOutput[] = [];
  for await (const event of events ?? []) all.push(event);
  return all;
}

/** AWS's client wants bytes where the wire has base64. */
function withBytes(value: JsonValue | undefined, key = ''): unknown {
  if (typeof value === 'string') {
    return key === 'bytes' || key === 'redactedContent' ? Buffer.from(value, 'base64') : value;
  }
  if (Array.isArray(value)) return value.map((item) => withBytes(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withBytes(item, name)]));
}
