import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../src/bin.ts', import.meta.url));
const NODE_ARGS = ['--conditions=signalbox-source', '--disable-warning=ExperimentalWarning', BIN];

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
  /** All that the command has printed so far, on both outputs. */
  output(): string;
  /** Resolves with the first match (or the `count`th) in what the command has printed; rejects when it ends without one. */
  printed(pattern: RegExp, count?: number): Promise<RegExpExecArray>;
}

/** A folder of its own for one test: the commands run in it, it is their home, and nothing of this machine's environment gets in. */
export class Sandbox {
  readonly dir = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-cli-')));
  readonly #running = new Set<ChildProcess>();

  file(name: string, text: string, mode = 0o644): string {
    const path = join(this.dir, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  }

  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): Running {
    const child = spawn(process.execPath, [...NODE_ARGS, ...args], {
      cwd: this.dir,
      env: { PATH: '/usr/bin:/bin', HOME: this.dir, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running.add(child);
    let stdout = '';
    let stderr = '';
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      output += text;
    });
    const ended = new Promise<Outcome>((resolve) => {
      child.on('close', (code, signal) => {
        this.#running.delete(child);
        resolve({ code, signal, stdout, stderr });
      });
    });
    const printed = (pattern: RegExp, count = 1): Promise<RegExpExecArray> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = [...output.matchAll(new RegExp(pattern, `${pattern.flags}g`))][count - 1];
          if (match !== undefined) resolve(match);
        };
        look();
        child.stdout.on('data', look);
        child.stderr.on('data', look);
        void ended.then((outcome) => reject(new Error(`ended without ${pattern}: ${JSON.stringify(outcome)}`)));
      });
    return { child, ended, output: () => output, printed };
  }

  run(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    return this.start(args, env).ended;
  }

  /** Starts a gateway on a free port and waits until it listens. */
  async gateway(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Running & { url: string }> {
    const running = this.start(['start', '--port', '0', ...args], env);
    const [, url = ''] = await running.printed(/listens on (http:\/\/\S+)/);
    return { ...running, url };
  }

  dispose(): void {
    for (const child of this.#running) child.kill('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** A free port below those that systems give away by themselves: nothing that runs beside takes it meanwhile. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A plugin file that taps the log hook and wants a key. */
export const PLUGIN = `
import { definePlugin, Type } from '@signalbox/kit';
export default definePlugin({
  name: 'log-own',
  configSchema: Type.Object({ apiKey: Type.String({ description: 'A key' }) }, { additionalProperties: false }),
  apply: ({ hooks }) => hooks.log.tap('log-own', () => {}),
});
`;
