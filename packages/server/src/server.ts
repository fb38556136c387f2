import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { ExchangeState, Generation } from '@signalbox/core';
import { SignalboxError } from '@signalbox/kit';
import { createApp } from './app.ts';
import { answerClientError } from './client-error.ts';
import { Closing } from './closing.ts';
import { Line } from './line.ts';
import { listen, refuseOpenBind } from './listen.ts';

/** How much longer a body may take that was refused unread. */
const UNREAD_BODY_MS = 60_000;

/** A gateway that listens. */
export interface Gateway {
  /** `http://127.0.0.1:8484`; the real port where 0 was asked for. */
  readonly url: string;
  /** The one that new requests get. */
  readonly generation: Generation;
  /**
   * Gives new requests another generation. Requests in flight keep theirs, which is closed behind the last of them.
   * @throws {SignalboxError} BAD_CONFIG where it wants another address, BIND_REFUSED; then nothing has changed.
   */
  replace(generation: Generation): void;
  /** What `/health` says about the last change of the configuration; `undefined` where it was taken over. */
  reportReload(problem: string | undefined): void;
  /**
   * Stops accepting, waits up to `graceMs` (`server.shutdownGraceMs`) for the answers in flight, then ends what is left with an error in its
   * client's format. A later call can only shorten the wait.
   */
  close(graceMs?: number): Promise<void>;
}

/**
 * Serves a generation over HTTP.
 * @throws {SignalboxError} PORT_IN_USE, BIND_REFUSED for an open address without an auth plugin, LISTEN_FAILED.
 */
export async function startServer(generation: Generation, { version }: { version: string }): Promise<Gateway> {
  refuseOpenBind(generation);
  const { host, port: wantedPort } = generation.config.server;
  const state = {
    version,
    line: new Line(generation, version),
    generations: 1,
    reloadProblem: undefined as string | undefined,
    running: new Set<ExchangeState>(),
    retired: new Set<Line>(),
    responses: new Set<ServerResponse>(),
  };
  const { maxHeaderBytes: maxHeaderSize } = generation.config.server;
  const server = createServer({ maxHeaderSize, noDelay: true }, createApp(state).callback());
  // Bodies have limits of their own, with an answer in the client's format; this is for those that nobody reads.
  server.requestTimeout = generation.config.server.bodyTotalMs + UNREAD_BODY_MS;
  server.on('clientError', (error, socket) => {
    const { formats, config, log } = state.line.generation;
    answerClientError(error, socket as Socket, { formats, server: config.server, log, responses: state.responses });
  });
  server.keepAliveTimeout = 75_000;
  await listen(server, host, wantedPort);
  const { port } = server.address() as AddressInfo;
  let closing: Closing | undefined;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    get generation() {
      return state.line.generation;
    },
    replace: (next) => {
      refuseOpenBind(next);
      const { server: wanted } = next.config;
      if (wanted.host !== host || wanted.port !== wantedPort) {
        throw new SignalboxError(
          'BAD_CONFIG',
          `server.host and server.port take effect at the next start; this gateway listens on ${host}:${port}.`,
        );
      }
      const before = state.line;
      state.line = new Line(next, version);
      state.generations++;
      state.reloadProblem = undefined;
      state.retired.add(before);
      before.retire(() => state.retired.delete(before));
    },
    reportReload: (problem) => {
      state.reloadProblem = problem;
    },
    close: (graceMs = state.line.generation.config.server.shutdownGraceMs) => {
      closing ??= new Closing(server, state);
      closing.endWithin(graceMs);
      return closing.done;
    },
  };
}
