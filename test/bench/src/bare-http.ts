// The yardstick: the least that a proxy on node:http and undici can do. Takes the upstream's origin as its argument.
import { createServer } from 'node:http';
import { Agent } from 'undici';
import { reportPort } from './child.ts';

const origin = process.argv[2] ?? '';
const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { noDelay: true } });

const server = createServer({ noDelay: true }, async (request, response) => {
  try {
    const { host: _, connection: __, ...headers } = request.headers;
    const upstream = await agent.request({ origin, path: request.url ?? '/', method: 'POST', headers, body: request });
    response.writeHead(upstream.statusCode, upstream.headers);
    upstream.body.on('error', () => response.destroy());
    response.on('close', () => upstream.body.destroy());
    upstream.body.pipe(response);
  } catch {
    response.writeHead(502).end();
  }
});

server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => reportPort(server));
