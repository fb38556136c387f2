import { createRequire } from 'node:module';
import { createGeneration, type Generation } from '@signalbox/core';
import type { CommonOptions } from '../arguments.ts';
import { configFile, readConfigFile } from '../config-source.ts';
import { pluginsOfThisInstallation } from '../import-plugin.ts';
import { FileStates } from './file-state.ts';

const { cache: commonJs } = createRequire(import.meta.url);

/** Builds generations from one config, again and again. */
export class GenerationSource {
  readonly #options: CommonOptions;
  readonly #env: NodeJS.ProcessEnv;
  /** Looked for once: a gateway whose file vanishes must not go on with another one. */
  readonly #file: string | undefined;
  readonly #importer = pluginsOfThisInstallation();
  readonly #kept = new Map<string, unknown>();
  #files = new FileStates();
  /** CommonJS modules as they were when they were loaded, once and for all. */
  readonly #loadedOnce = new FileStates();

  constructor(options: CommonOptions, env: NodeJS.ProcessEnv) {
    this.#options = options;
    this.#env = env;
    this.#file = configFile(options, env);
  }

  /** The files that the newest build has read, as it found them. */
  get files(): FileStates {
    return this.#files;
  }

  /** @throws {ConfigError} */
  async build(): Promise<Generation> {
    const files = new FileStates();
    this.#files = files;
    if (this.#file !== undefined) files.add(this.#file);
    const importPlugin = this.#importer.fresh((path) => files.add(path));
    const config = await readConfigFile(this.#file, this.#options, this.#env);
    try {
      return await createGeneration(config, { importPlugin, kept: this.#kept });
    } finally {
      for (const path of files.paths) if (commonJs[path] !== undefined) this.#loadedOnce.addFrom(files, path);
    }
  }

  /** Files that have changed in vain. */
  stale(): readonly string[] {
    return this.#loadedOnce.changed();
  }
}
