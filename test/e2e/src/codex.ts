import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { installAgent } from './agent-install.ts';
import { type AgentProcess, runAgent } from './agent-process.ts';
import { CLIENT_KEY } from './claude.ts';

let installed: Promise<string> | undefined;

/**
 * Path of the Codex CLI that `agents/codex/package-lock.json` pins; installed where it is absent.
 * @throws {Error} where npm fails or Codex has no binary for this platform. Nothing is skipped.
 */
export function codexBinary(): Promise<string> {
  installed ??= installAgent({ folder: 'codex/', packageName: '@openai/codex' }).then(findBinary);
  return installed;
}

/** The binary is in an optional package of its own, in a folder that is named after the target it was built for. */
async function findBinary(modules: URL): Promise<string> {
  const vendor = new URL(`@openai/codex-${process.platform}-${process.arch}/vendor/`, modules);
  const [target] = await readdir(vendor);
  return fileURLToPath(new URL(`${target}/bin/codex${process.platform === 'win32' ? '.exe' : ''}`, vendor));
}

/** A line of what `--json` prints. */
export interface CodexEvent {
  readonly type: string;
  readonly item?: { readonly type: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

export interface CodexRun extends AgentProcess {
  readonly events: readonly CodexEvent[];
}

export interface CodexOptions {
  /** The gateway's, without `/v1`. */
  readonly gatewayUrl: string;
  /** What tools Codex has, and how it asks, follows from the name. */
  readonly model: string;
  readonly prompt: string;
  readonly cwd: string;
  readonly home: string;
}

/** Runs Codex headless: it asks for nothing and no sandbox is around its commands. */
export async function runCodex({ gatewayUrl, model, prompt, cwd, home }: CodexOptions): Promise<CodexRun> {
  const settings: Readonly<Record<string, string>> = {
    model_provider: 'gateway',
    'model_providers.gateway.name': 'gateway',
    'model_providers.gateway.base_url': `${gatewayUrl}/v1`,
    'model_providers.gateway.env_key': 'GATEWAY_KEY',
    'model_providers.gateway.wire_api': 'responses',
  };
  const run = await runAgent(
    await codexBinary(),
    [
      ...['exec', '--json', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox'],
      ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${JSON.stringify(value)}`]),
      ...['-c', 'analytics.enabled=false', '-c', 'check_for_update_on_startup=false'],
      // Else it asks GitHub and ChatGPT for plugins, whoever its provider is.
      ...['--disable', 'plugins'],
      // A provider that fails shall be seen once.
      ...['-c', 'model_providers.gateway.request_max_retries=0', '-c', 'model_providers.gateway.stream_max_retries=0'],
      ...['-m', model, prompt],
    ],
    { cwd, home, env: { CODEX_HOME: home, GATEWAY_KEY: CLIENT_KEY } },
  );
  return { ...run, events: eventsOf(run.stdout) };
}

function eventsOf(stdout: string): CodexEvent[] {
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as CodexEvent);
}

/** What Codex did and said, item by item, as far as it came to an end. */
export function codexItems({ events }: CodexRun): string[] {
  return events.flatMap(({ type, item }) => {
    if (type !== 'item.completed' || item === undefined)
      return type === 'error' ? [`error: ${JSON.stringify(item)}`] : [];
    const said = item.text ?? item.message ?? item.command ?? item.tool;
    return [`${item.type}: ${String(said ?? JSON.stringify(item.changes))}`];
  });
}
