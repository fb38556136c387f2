import type { Bench } from './bench.ts';
import { startGateway } from './gateway.ts';
import { writeGatewayConfig } from './gateway-config.ts';
import { median } from './statistics.ts';

/**
 * The median time from the spawn of a gateway to its first 200 on /health, in ms. The first start of all, which fills
 * Node's compile cache, does not count.
 */
export async function measureStart({ upstream, build }: Bench, starts: number): Promise<number | undefined> {
  const config = writeGatewayConfig(upstream.port);
  const times: number[] = [];
  for (let start = 0; start <= starts; start++) {
    const gateway = await startGateway(config, build);
    if (start > 0) times.push(gateway.readyMs);
    await gateway.stop();
  }
  return median(times);
}
