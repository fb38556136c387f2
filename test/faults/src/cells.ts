import { clients } from './clients.ts';
import type { Fault } from './fault.ts';
import { faults } from './faults.ts';
import type { ClientKind, ProviderKind } from './kinds.ts';
import { providers } from './providers.ts';

/** One request of one client to one provider with one fault. */
export interface Cell {
  readonly fault: Fault;
  readonly client: ClientKind;
  readonly provider: ProviderKind;
  readonly stream: boolean;
  readonly fallback: boolean;
}

/** Every cell of the wall, fault by fault. */
export function cells(): readonly Cell[] {
  return faults.flatMap((fault) =>
    clients.flatMap((client) =>
      (fault.only === undefined ? providers : [fault.only]).flatMap((provider) =>
        [false, true].flatMap((stream) =>
          [false, true].map((fallback) => ({ fault, client, provider, stream, fallback })),
        ),
      ),
    ),
  );
}

/** A fallback speaks another format than the first target. */
export function otherThan(kind: ProviderKind): ProviderKind {
  return providers[(providers.indexOf(kind) + 1) % providers.length] ?? kind;
}

/** The providers of a cell's plan, by name. */
export function targetsOf({ fault: { respond, limit }, provider, fallback }: Cell): readonly string[] {
  const kind = typeof respond === 'string' ? respond : limit;
  const first = kind === undefined ? provider.id : `${provider.id}.${kind}`;
  return fallback ? [first, otherThan(provider).id] : [first];
}
