import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { json, type Responder } from './responders.ts';
import { openRecord, type RecordedRequest, readBody } from './scripted-request.ts';
import { createWire } from './wire.ts';

/** Which requests: a path without query (`/v1/messages`), with a method before it (`POST /v1/messages`), or a test. */
export type RequestMatch = string | RegExp | ((request: RecordedRequest) => boolean);

export interface ScriptedProviderOptions {
  /** Answers every request, or, as a list, one request each in order. */
  script?: Responder | readonly Responder[];
  /** Whether `requests` and `unscripted` keep what came: `false` where it is a great deal. Default: true. */
  remember?: boolean;
}

export interface ScriptedProvider extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Every request whose body has arrived, in order. */
  readonly requests: readonly RecordedRequest[];
  /** Requests that nothing was scripted for; they were answered with 501. */
  readonly unscripted: readonly RecordedRequest[];
  /** Connections that are open now. */
  readonly openSockets: number;
  /** Connections that were ever made. */
  readonly connections: number;
  /** Answers all requests that match. What was added last is asked first. */
  on(match: RequestMatch, responder: Responder): void;
  /** Answers the next request that matches, before any `on`; several are used in order. */
  once(match: RequestMatch, responder: Responder): void;
  /** The request with this index, as soon as it has arrived. */
  waitForRequest(index: number): Promise<RecordedRequest>;
  /** Settles when no more than `count` connections are open. */
  waitForSockets(count: number): Promise<void>;
  /** Ends all connections. @throws {Error} what a responder threw, as that is a fault of the test. */
  close(): Promise<void>;
}

/** A provider on a real socket of this machine that does what the script says, and remembers what it was asked. */
export async function startScriptedProvider({
  script,
  remember = true,
}: ScriptedProviderOptions = {}): Promise<ScriptedProvider> {
  // Every request would hang.
  if (typeof Promise.withResolvers !== 'function') {
    throw new Error(`the scripted provider needs Node 22.19 or later, and this is ${process.version}`);
  }
  const requests: RecordedRequest[] = [];
  const unscripted: RecordedRequest[] = [];
  const sockets = new Set<Socket>();
  const failures: unknown[] = [];
  const running = new Set<Promise<void>>();
  const watchers = new Set<() => void>();
  const always: Rule[] = typeof script === 'function' ? [{ match: () => true, responder: script }] : [];
  const next: Rule[] = typeof script === 'object' ? script.map((responder) => ({ match: () => true, responder })) : [];
  let connections = 0;
  let received = 0;
  let closing: Promise<void> | undefined;

  const notify = () => {
    for (const watcher of watchers) watcher();
  };
  const until = (reached: () => boolean, what: string) =>
    new Promise<void>((resolve, reject) => {
      const watcher = () => {
        if (reached()) resolve();
        else if (closing !== undefined) reject(new Error(`the scripted provider was closed before ${what}`));
        else return;
        watchers.delete(watcher);
      };
      watchers.add(watcher);
      watcher();
    });

  function choose(request: RecordedRequest): Responder {
    const queued = next.findIndex(({ match }) => match(request));
    const rule = queued === -1 ? always.find(({ match }) => match(request)) : next.splice(queued, 1)[0];
    if (rule !== undefined) return rule.responder;
    if (remember) unscripted.push(request);
    return json(501, { error: { message: `nothing is scripted for ${request.method} ${request.path}` } });
  }

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    let body: Buffer;
    try {
      body = await readBody(incoming);
    } catch {
      return; // the client left while it was still sending
    }
    const record = openRecord(received++, incoming, body);
    let cut = false;
    response.on('finish', record.markFinished);
    response.on('close', () => {
      if (!response.writableFinished && !cut && closing === undefined) record.markAborted();
      gone.abort();
      notify();
    });
    if (incoming.socket.destroyed) {
      record.markAborted();
      gone.abort();
    }
    if (remember) requests.push(record.request);
    notify();
    const wire = createWire(response, gone.signal, () => {
      cut = true;
      record.markFinished();
    });
    try {
      await choose(record.request)(record.request, wire);
    } catch (error) {
      if (gone.signal.aborted) return;
      failures.push(error);
      response.destroy();
    }
  }

  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, (incoming, response) => {
    const done: Promise<void> = serve(incoming, response).finally(() => running.delete(done));
    running.add(done);
  });
  server.on('connection', (socket) => {
    connections++;
    sockets.add(socket);
    socket.on('error', () => {}); // a reset is part of the scripts; 'close' follows
    socket.on('close', () => {
      sockets.delete(socket);
      notify();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;

  async function stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    notify();
    await closed;
    await Promise.all(running);
    if (failures.length > 0) throw new Error('a responder of the scripted provider threw', { cause: failures[0] });
  }
  const close = (): Promise<void> => {
    if (closing === undefined) {
      const { promise, resolve } = Promise.withResolvers<void>();
      closing = promise;
      resolve(stop());
    }
    return closing;
  };

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    unscripted,
    get openSockets() {
      return sockets.size;
    },
    get connections() {
      return connections;
    },
    on: (match, responder) => {
      always.unshift({ match: matcher(match), responder });
    },
    once: (match, responder) => {
      next.push({ match: matcher(match), responder });
    },
    async waitForRequest(index) {
      await until(() => requests.length > index, `request ${index} arrived`);
      return requests[index] as RecordedRequest;
    },
    waitForSockets: (count) => until(() => sockets.size <= count, `only ${count} sockets were open`),
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Rule {
  readonly match: (request: RecordedRequest) => boolean;
  readonly responder: Responder;
}

function matcher(match: RequestMatch): Rule['match'] {
  if (typeof match === 'function') return match;
  if (match instanceof RegExp) return ({ method, path }) => match.test(`${method} ${path}`);
  return match.startsWith('/') ? ({ path }) => path === match : ({ method, path }) => `${method} ${path}` === match;
}
