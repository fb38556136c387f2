import type { Generation } from '@signalbox/core';
import type Koa from 'koa';
import { createRoutes } from './ingress.ts';
import { createAccessCheck } from './security.ts';

/** A generation at work: its routes, and how many requests still need it. */
export class Line {
  readonly generation: Generation;
  readonly routes: Koa.Middleware;
  readonly checkAccess: ReturnType<typeof createAccessCheck>;
  #requests = 0;
  /** Called when a line that has retired is closed. */
  #onClosed: (() => void) | undefined;

  constructor(generation: Generation, version: string) {
    this.generation = generation;
    this.routes = createRoutes(generation, version);
    this.checkAccess = createAccessCheck(generation.config.server);
  }

  /** Keeps the generation alive until the function that is returned has been called. */
  enter(): () => void {
    this.#requests++;
    return () => {
      this.#requests--;
      this.#closeIfIdle();
    };
  }

  /** No more requests will come: the last one that leaves closes the generation, and then `onClosed` is called. */
  retire(onClosed: () => void): void {
    this.#onClosed = onClosed;
    this.#closeIfIdle();
  }

  #closeIfIdle(): void {
    if (this.#onClosed === undefined || this.#requests > 0) return;
    const { generation } = this;
    generation
      .close()
      .catch((error: unknown) => {
        generation.log.error({ err: error }, 'a plugin of the previous configuration failed to close');
      })
      .finally(this.#onClosed);
  }
}
