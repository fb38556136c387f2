import type { ChildProcess } from 'node:child_process';
import { forkFile, stopChild } from './child.ts';
import type { GeneratorCommand, GeneratorReply, HoldCommand, LoadCommand, LoadResult } from './load-protocol.ts';

/** This process's handle on the load generator. One command at a time. */
export class LoadGenerator {
  readonly #child: ChildProcess = forkFile('./load-generator.ts');

  /** @throws {Error} if no connection could be opened. Failed requests are counted in the result. */
  async run(command: Omit<LoadCommand, 'type'>): Promise<LoadResult> {
    const reply = await this.#ask({ type: 'run', ...command });
    if (reply.type !== 'result') throw new Error(`The load generator answered ${reply.type}.`);
    return reply;
  }

  /** Opens streams and resolves once each of them has its first content. @throws {Error} if one of them fails. */
  async hold(command: Omit<HoldCommand, 'type'>): Promise<void> {
    await this.#ask({ type: 'hold', ...command });
  }

  async release(): Promise<void> {
    await this.#ask({ type: 'release' });
  }

  stop(): Promise<void> {
    return stopChild(this.#child, 'SIGKILL');
  }

  #ask(command: GeneratorCommand): Promise<GeneratorReply> {
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error('The load generator ended.'));
      this.#child.once('exit', ended);
      this.#child.once('message', (message) => {
        this.#child.off('exit', ended);
        const reply = message as GeneratorReply;
        if (reply.type === 'failed') reject(new Error(reply.message));
        else resolve(reply);
      });
      this.#child.send(command);
    });
  }
}
