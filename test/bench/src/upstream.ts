// The scripted provider, a process of its own: HTTP over bare sockets, so that it is never what is being measured.
import { createServer, type Socket } from 'node:net';
import { formatIds } from './answers.ts';
import { reportPort } from './child.ts';
import { scriptNames, scripts } from './scripts.ts';
import { type PreparedReply, prepareReply, wholeAnswer } from './upstream-replies.ts';

const HEAD_END = Buffer.from('\r\n\r\n');
const NOT_FOUND = Buffer.from(
  'HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}',
);
/** A writer that is this far behind is left alone until its socket has drained. */
const HIGH_WATER_BYTES = 256 * 1024;

const replies = new Map<string, PreparedReply>();
for (const name of scriptNames) {
  for (const format of formatIds) replies.set(`${name}/${format}`, prepareReply(scripts[name], format));
}

const once = (body: object): PreparedReply => ({
  writes: [wholeAnswer(Buffer.from(JSON.stringify(body)))],
  intervalMs: 0,
  forever: undefined,
});
/** What an Ollama server is asked before the first chat. */
const asides = new Map<string, PreparedReply>([
  ['/api/tags', once({ models: [] })],
  [
    '/api/show',
    once({
      capabilities: ['completion', 'tools', 'thinking', 'vision'],
      model_info: { 'general.architecture': 'gptoss', 'gptoss.context_length': 131_072 },
    }),
  ],
]);

const server = createServer({ noDelay: true }, (socket) => {
  let head = '';
  let missing = 0;
  socket.on('error', () => socket.destroy());
  socket.on('data', (data: Buffer) => {
    if (missing > 0) {
      missing -= data.length;
    } else {
      const end = data.indexOf(HEAD_END);
      head += data.toString('latin1', 0, end === -1 ? data.length : end);
      if (end === -1) return;
      missing = contentLength(head) - (data.length - end - HEAD_END.length);
    }
    if (missing > 0) return;
    const path = head.slice(head.indexOf(' ') + 1, head.indexOf(' ', head.indexOf(' ') + 1));
    head = '';
    missing = 0;
    answer(socket, path);
  });
});

function contentLength(head: string): number {
  return Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
}

/** `/<script>/<format>/…`. */
function answer(socket: Socket, path: string): void {
  const [, script, format, ...rest] = path.split('/');
  const reply = asides.get(`/${rest.join('/')}`) ?? replies.get(`${script}/${format}`);
  if (reply === undefined) {
    socket.write(NOT_FOUND);
    return;
  }
  const { writes, intervalMs, forever } = reply;
  socket.write(writes[0] ?? NOT_FOUND);
  if (writes.length === 1 && forever === undefined) return;
  let at = 1;
  const step = (): void => {
    if (socket.destroyed) {
      if (timer !== undefined) clearInterval(timer);
      return;
    }
    const next = writes[at] ?? forever;
    if (next !== undefined && socket.writableLength < HIGH_WATER_BYTES) {
      socket.write(next);
      at++;
    }
    const more = at < writes.length || forever !== undefined;
    if (timer === undefined) {
      if (more) setImmediate(step);
    } else if (!more) clearInterval(timer);
  };
  const timer = intervalMs === 0 ? undefined : setInterval(step, intervalMs);
  if (timer === undefined) setImmediate(step);
}

server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => reportPort(server));
