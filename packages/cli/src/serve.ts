import type { Generation } from '@signalbox/core';
import { type Gateway, startServer } from '@signalbox/server';
import type { CommonOptions } from './arguments.ts';
import { clientKey, clientUrl } from './client-address.ts';
import { GenerationSource } from './reload/generation-source.ts';
import { Reloader, type ReloadOutcome } from './reload/reloader.ts';
import { watchFiles } from './reload/watch.ts';
import { printRows, type Row, summarise } from './summary.ts';
import { endOnUncaught } from './uncaught.ts';
import { ownVersion } from './version.ts';

/** Where a gateway is, for a person. */
export interface Whereabouts {
  /** The address that it listens on. */
  readonly listensOn: string;
  /** Where a client on this machine reaches it. */
  readonly url: string;
  /** What it serves, and how clients get there; several lines. */
  readonly summary: string;
}

/** The gateway of this process. */
export interface Service extends Whereabouts {
  /** Builds the config as it is now, and serves it where it is good. */
  reload(): void;
  /** Shows in `/health` what another process has found wrong with the config. */
  showProblem(problem: string): void;
  /** How long answers in flight may take when the service stops, as the config says by now. */
  readonly graceMs: number;
  /** Lets the answers in flight end, within `graceMs`. */
  close(graceMs?: number): Promise<void>;
}

export interface ServeOptions {
  readonly common: CommonOptions;
  /** Load the config again when its files change. */
  readonly watch: boolean;
  readonly onReload?: (outcome: ReloadOutcome) => void;
}

/** Starts the gateway. From then on an error that nobody catches ends this process. */
export async function serve({ common, watch, onReload }: ServeOptions, env: NodeJS.ProcessEnv): Promise<Service> {
  const source = new GenerationSource(common, env);
  const generation = await source.build();
  const { gateway, summary } = await listen(generation).catch(async (error: unknown) => {
    await generation.close();
    throw error;
  });
  const reloader = new Reloader(gateway, source, onReload);
  const watching = new AbortController();
  if (watch) {
    const changed = (): void => reloader.request();
    void watchFiles(() => source.files, changed, watching.signal);
  }
  const close = (graceMs?: number): Promise<void> => {
    watching.abort();
    reloader.close();
    return gateway.close(graceMs);
  };
  endOnUncaught(() => reloader.serving.log, close);

  const url = clientUrl({ host: generation.config.server.host, port: Number(new URL(gateway.url).port) });
  return {
    listensOn: gateway.url,
    url,
    summary: printRows([...summary, ['', ''], ...clientRows(url, env)]),
    get graceMs() {
      return gateway.generation.config.server.shutdownGraceMs;
    },
    reload: () => reloader.request(),
    showProblem: (problem) => gateway.reportReload(problem),
    close,
  };
}

async function listen(generation: Generation): Promise<{ gateway: Gateway; summary: readonly Row[] }> {
  const summary = await summarise(generation);
  return { gateway: await startServer(generation, { version: ownVersion() }), summary };
}

function clientRows(url: string, env: NodeJS.ProcessEnv): readonly Row[] {
  // A real key is named, not shown.
  const key = env.SIGNALBOX_API_KEY ? '$SIGNALBOX_API_KEY' : clientKey(env);
  return [
    ['Claude Code', `signalbox code, or ANTHROPIC_BASE_URL=${url} ANTHROPIC_AUTH_TOKEN=${key}`],
    ['OpenAI SDK', `OPENAI_BASE_URL=${url}/v1 OPENAI_API_KEY=${key}`],
    ['shell', 'eval "$(signalbox env)"'],
  ];
}

/** Tells the person who started it. */
export function announce({ listensOn, summary }: Whereabouts, workers?: number): void {
  const who = workers === undefined ? '' : workers === 1 ? ' with 1 worker' : ` with ${workers} workers`;
  process.stdout.write(`Signalbox ${ownVersion()} listens on ${listensOn}${who}\n\n${summary}\n\n`);
}

/** Tells the person who stopped it. */
export function announceStop(): void {
  process.stdout.write('Stopping: answers in flight are finished first. A second signal ends at once.\n');
}
