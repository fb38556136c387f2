import type { Listener } from './child.ts';
import type { GatewayBuild } from './gateway.ts';
import type { LoadGenerator } from './generator-client.ts';

/** What every measurement needs: who asks, who is asked in the end, and which gateway stands between. */
export interface Bench {
  readonly generator: LoadGenerator;
  readonly upstream: Listener;
  readonly build: GatewayBuild;
}
