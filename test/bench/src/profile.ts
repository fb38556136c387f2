import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { Bench } from './bench.ts';
import { type CpuProfile, hottestFunctions } from './cpu-profile.ts';
import { startGateway } from './gateway.ts';
import { RESULTS_DIR, writeGatewayConfig } from './gateway-config.ts';
import type { Load } from './loads.ts';
import { askOf } from './targets.ts';

const PROFILE_MS = 4000;
const WARM_UP_MS = 1000;
const FUNCTIONS = 25;

/**
 * Runs one load against a gateway that keeps a CPU profile of itself, and prints the hottest functions by self time.
 * The profile stays in `results/` for DevTools; it includes the start, which a longer run makes small.
 */
export async function profileLoad({ generator, upstream, build }: Bench, load: Load): Promise<string> {
  const dir = `${RESULTS_DIR}profile-${load.name.replace(/[^a-z0-9]+/gi, '-')}/`;
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  const config = writeGatewayConfig(upstream.port, [load.pair]);
  const gateway = await startGateway(config, build, ['--cpu-prof', `--cpu-prof-dir=${dir}`]);
  const command = { port: gateway.port, ...askOf('gateway', load), connections: load.connections };
  await generator.run({ ...command, durationMs: WARM_UP_MS });
  const { worked } = await generator.run({ ...command, durationMs: PROFILE_MS });
  await gateway.stop();
  const file = readdirSync(dir).find((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error('The gateway ended without writing its profile.');
  const profile = JSON.parse(readFileSync(`${dir}${file}`, 'utf8')) as CpuProfile;
  const lines = hottestFunctions(profile, FUNCTIONS).map(
    ({ name, share }) => `${(share * 100).toFixed(1).padStart(5)} %  ${name}`,
  );
  return [`${load.name}: ${worked} requests in ${PROFILE_MS} ms, ${dir}${file}`, ...lines, ''].join('\n');
}
