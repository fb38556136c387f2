// The same proxy as bare-http.ts, written the way one writes it in Koa.
import { createServer } from 'node:http';
import Koa from 'koa';
import { Agent } from 'undici';
import { reportPort } from './child.ts';

const origin = process.argv[2] ?? '';
const agent = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { noDelay: true } });
const app = new Koa();
app.silent = true;

app.use(async (context) => {
  const { host: _, connection: __, ...headers } = context.req.headers;
  const upstream = await agent.request({ origin, path: context.url, method: 'POST', headers, body: context.req });
  context.status = upstream.statusCode;
  for (const [name, value] of Object.entries(upstream.headers)) {
    if (value !== undefined && name !== 'transfer-encoding') context.set(name, value);
  }
  context.body = upstream.body;
});

const server = createServer({ noDelay: true }, app.callback());
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => reportPort(server));
