import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageDirs, readManifest, root } from './workspace.mjs';

const stamp = join(root, 'node_modules', '.signalbox-installed');
/** npm tells its scripts all of its own settings. Most mean something else to pnpm; these say where packages come from. */
const KEPT_SETTINGS =
  /^npm_config_(registry|userconfig|globalconfig|cache|ca|cafile|proxy|https_proxy|noproxy|strict_ssl|_auth.*|@.*|\/\/.*)$/i;

/** Installs the workspace unless it is up to date. @returns the exit code */
export async function ensureInstalled() {
  const wanted = fingerprint();
  if (readStamp() === wanted) return 0;
  process.stdout.write('Installing dependencies; this happens once, and again when they change …\n');
  const { packageManager } = readManifest(root);
  const { code, output } = await runQuietly('npx', ['-y', packageManager, 'install', '--frozen-lockfile']);
  if (code !== 0) {
    process.stderr.write(`${output}\nThe dependencies could not be installed (exit code ${code}).\n`);
    return 1;
  }
  mkdirSync(join(root, 'node_modules'), { recursive: true });
  writeFileSync(stamp, wanted);
  return 0;
}

/** Changes whenever an install could have another outcome. */
function fingerprint() {
  const hash = createHash('sha256');
  const manifests = ['.', ...packageDirs()].map((dir) => join(dir, 'package.json'));
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function readStamp() {
  try {
    return readFileSync(stamp, 'utf8');
  } catch {
    return undefined;
  }
}

function runQuietly(command, args) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name) || KEPT_SETTINGS.test(name)),
  );
  // Without a terminal pnpm may not ask questions; it shall not even where there is one.
  const child = spawn(command, args, {
    cwd: root,
    env: { ...env, CI: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((resolve) => {
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
