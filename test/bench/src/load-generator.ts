// The load generator, a process of its own: what it does per request is one write and as few reads as the kernel gives.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, ClientConnection } from './client-connection.ts';
import type { GeneratorCommand, GeneratorReply, HoldCommand, LoadCommand, LoadResult } from './load-protocol.ts';
import { requestBytes } from './request-bytes.ts';

const OPENED_AT_ONCE = 50;
let held: ClientConnection[] = [];

async function run(command: LoadCommand): Promise<LoadResult> {
  const { port, connections, mark, keepBodies = false, spreadMs = 0 } = command;
  const plan = {
    bytes: requestBytes(port, command),
    ...(mark === undefined ? {} : { mark: Buffer.from(mark) }),
    keepBody: keepBodies,
  };
  const open = await Promise.all(Array.from({ length: connections }, () => ClientConnection.open(port, plan)));
  const startAt = performance.now();
  const endAt = command.durationMs === undefined ? Number.POSITIVE_INFINITY : startAt + command.durationMs;
  const answers: Answer[] = [];
  let inTime = 0;
  let failed = 0;
  let failure: string | undefined;
  let lastAt = startAt;
  let toSend = command.requests ?? Number.POSITIVE_INFINITY;
  const gapMs = command.ratePerSecond === undefined ? 0 : (connections * 1000) / command.ratePerSecond;

  await Promise.all(
    open.map(async (connection, index) => {
      const offset = gapMs > 0 ? (gapMs * index) / connections : (spreadMs * index) / connections;
      if (offset > 0) await sleep(offset);
      let dueAt = startAt + offset;
      while (performance.now() < endAt && toSend > 0) {
        toSend--;
        try {
          const answer = await connection.request(gapMs > 0 && dueAt < performance.now() - gapMs ? dueAt : undefined);
          answers.push(answer);
          const now = performance.now();
          if (answer.status !== 200) {
            failed++;
            failure ??= `status ${answer.status}`;
          } else if (now <= endAt || inTime === 0) {
            inTime++;
            lastAt = now;
          }
        } catch (error) {
          failed++;
          failure ??= String(error);
          return;
        }
        if (gapMs > 0) {
          dueAt += gapMs;
          const waitMs = dueAt - performance.now();
          if (waitMs > 0) await sleep(waitMs);
        }
      }
    }),
  );
  for (const connection of open) connection.close();
  const good = answers.filter(({ status }) => status === 200);
  return {
    type: 'result',
    answered: inTime,
    failed,
    failure,
    worked: good.length,
    elapsedMs: Math.max(command.durationMs ?? 0, lastAt - startAt),
    latenciesMs: good.map(({ totalMs }) => totalMs),
    marksMs: good.flatMap(({ markMs }) => (markMs === undefined ? [] : [markMs])),
    bodies: answers.flatMap(({ body: text }) => (text === undefined ? [] : [text])),
  };
}

async function hold({ port, connections, mark, ...request }: HoldCommand): Promise<void> {
  const plan = { bytes: requestBytes(port, request), mark: Buffer.from(mark) };
  while (held.length < connections) {
    const some = Math.min(OPENED_AT_ONCE, connections - held.length);
    const opened = await Promise.all(Array.from({ length: some }, () => ClientConnection.open(port, plan)));
    held.push(...opened);
    await Promise.all(opened.map((connection) => connection.requestUntilMark()));
  }
}

async function obey(command: GeneratorCommand): Promise<GeneratorReply> {
  if (command.type === 'run') return run(command);
  if (command.type === 'hold') {
    await hold(command);
    return { type: 'held' };
  }
  for (const connection of held) connection.close();
  held = [];
  return { type: 'released' };
}

process.on('message', (command: GeneratorCommand) => {
  obey(command)
    .catch((error: unknown): GeneratorReply => ({ type: 'failed', message: String(error) }))
    .then((reply) => process.send?.(reply));
});
process.once('disconnect', () => process.exit(0));
