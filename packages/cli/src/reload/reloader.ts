import { basename } from 'node:path';
import type { Generation } from '@signalbox/core';
import { SignalboxError } from '@signalbox/kit';
import type { Gateway } from '@signalbox/server';
import { oneLine } from '../one-line.ts';
import type { GenerationSource } from './generation-source.ts';

/** What a reload came to: nothing, or what is wrong. */
export type ReloadOutcome = { readonly problem: string | undefined };

/** Puts a new generation in the place of the one that serves, or says why not and leaves it. */
export class Reloader {
  readonly #gateway: Gateway;
  readonly #source: GenerationSource;
  readonly #onOutcome: (outcome: ReloadOutcome) => void;
  #serving: Generation;
  #wanted = false;
  #running = false;
  #closed = false;

  constructor(gateway: Gateway, source: GenerationSource, onOutcome: (outcome: ReloadOutcome) => void = () => {}) {
    this.#gateway = gateway;
    this.#source = source;
    this.#serving = gateway.generation;
    this.#onOutcome = onOutcome;
  }

  /** The generation that new requests get. */
  get serving(): Generation {
    return this.#serving;
  }

  /** Builds the config as it is now. While one is being built, that one is let go, and the newest is built after it. */
  request(): void {
    this.#wanted = true;
    if (this.#running) return;
    this.#running = true;
    void this.#run().finally(() => {
      this.#running = false;
    });
  }

  /** From here on nothing is changed any more. */
  close(): void {
    this.#closed = true;
  }

  async #run(): Promise<void> {
    while (this.#wanted && !this.#closed) {
      this.#wanted = false;
      let next: Generation | undefined;
      try {
        next = await this.#source.build();
        if (this.#superseded) {
          await next.close();
          continue;
        }
        this.#gateway.replace(next);
        this.#serving = next;
        this.#report(undefined);
      } catch (error) {
        if (next !== undefined && next !== this.#serving) await next.close().catch(() => {});
        if (!this.#superseded) this.#report(error);
      }
    }
  }

  get #superseded(): boolean {
    return this.#wanted || this.#closed;
  }

  #report(error: unknown): void {
    const { log, config, plugins } = this.#serving;
    const problem = error === undefined ? undefined : oneLine(error instanceof Error ? error.message : String(error));
    this.#gateway.reportReload(problem);
    if (problem === undefined) {
      log.info({ plugins: plugins.length }, `The config was loaded again: ${config.file ?? 'the default one'}`);
      for (const file of this.#source.stale()) {
        log.warn({ file }, `${basename(file)} has changed in vain: CommonJS modules are loaded once. Restart for it`);
      }
    } else {
      log.error(
        SignalboxError.is(error) ? {} : { err: error },
        `The change is not used, and all goes on as before: ${problem}`,
      );
    }
    this.#onOutcome({ problem });
  }
}
