import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installAgent } from './agent-install.ts';
import { type AgentProcess, runAgent } from './agent-process.ts';
import { CLIENT_KEY } from './claude.ts';

let installed: Promise<string> | undefined;

/**
 * Path of the Gemini CLI that `agents/gemini-cli/package-lock.json` pins; installed where it is absent. It is one
 * bundle for Node; what it would like to have besides (a terminal, a key ring) is left out.
 * @throws {Error} where npm fails. Nothing is skipped.
 */
export function geminiCli(): Promise<string> {
  installed ??= installAgent({
    folder: 'gemini-cli/',
    packageName: '@google/gemini-cli',
    npmArguments: ['--omit=optional'],
  }).then((modules) => fileURLToPath(new URL('@google/gemini-cli/bundle/gemini.js', modules)));
  return installed;
}

/** What `--output-format json` prints. */
export interface GeminiCliResult {
  readonly response?: string;
  readonly error?: { readonly message: string; readonly code?: number };
  readonly stats?: { readonly tools: { readonly totalSuccess: number; readonly totalFail: number } };
}

export interface GeminiCliRun extends AgentProcess {
  /** `undefined` where it printed something else. */
  readonly result: GeminiCliResult | undefined;
}

export interface GeminiCliOptions {
  readonly gatewayUrl: string;
  /** Default: it asks a small model which one to take. */
  readonly model?: string | undefined;
  readonly prompt: string;
  readonly cwd: string;
  readonly home: string;
}

const SETTINGS = {
  general: { enableAutoUpdate: false },
  privacy: { usageStatisticsEnabled: false },
  telemetry: { enabled: false },
  security: { auth: { selectedType: 'gemini-api-key' } },
};

/** Runs Gemini CLI headless: it asks for nothing before it runs a tool. */
export async function runGeminiCli({ gatewayUrl, model, prompt, cwd, home }: GeminiCliOptions): Promise<GeminiCliRun> {
  const bundle = await geminiCli();
  await mkdir(join(home, '.gemini'), { recursive: true });
  await writeFile(join(home, '.gemini', 'settings.json'), JSON.stringify(SETTINGS));
  const chosen = model === undefined ? [] : ['-m', model];
  const run = await runAgent(process.execPath, [bundle, '--yolo', '--output-format', 'json', ...chosen, '-p', prompt], {
    cwd,
    home,
    env: {
      GEMINI_API_KEY: CLIENT_KEY,
      GOOGLE_GEMINI_BASE_URL: gatewayUrl,
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
      // Else it starts itself once more, with more memory, and that process outlives a kill.
      GEMINI_CLI_NO_RELAUNCH: '1',
    },
  });
  return { ...run, result: resultIn(run) };
}

/** The object stands alone on stdout after an answer, and at the end of stderr after a failure. */
function resultIn({ stdout, stderr }: AgentProcess): GeminiCliResult | undefined {
  for (const text of [stdout, stderr.slice(Math.max(0, stderr.lastIndexOf('\n{\n')))]) {
    try {
      return JSON.parse(text) as GeminiCliResult;
    } catch {
      // The other one may be it.
    }
  }
  return undefined;
}
