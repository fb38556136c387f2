import { authenticate, type Generation } from '@signalbox/core';
import type Koa from 'koa';
import { headOf } from './ingress.ts';

/** What the server knows beside its generation. */
export interface ServerState {
  readonly version: string;
  /** Counts up with every configuration that was taken over. */
  readonly generations: number;
  /** Why the last change of the configuration was not taken over; `undefined` where it was. */
  readonly reloadProblem: string | undefined;
}

/** The answer of `/health`. Anyone may know that the gateway is up; the details are for those who may use it. */
export async function health(
  generation: Generation,
  { version, generations, reloadProblem }: ServerState,
  context: Koa.Context,
): Promise<object> {
  const up = { status: 'ok', name: 'signalbox', version };
  if (!(await maySeeDetails(generation, context))) return up;
  return {
    ...up,
    providers: [...generation.providers.keys()],
    config: {
      generation: generations,
      ...(generation.config.file === undefined ? {} : { file: generation.config.file }),
      ...(reloadProblem === undefined ? {} : { problem: reloadProblem }),
    },
    ...generation.health(),
  };
}

async function maySeeDetails(generation: Generation, context: Koa.Context): Promise<boolean> {
  if (!generation.hooks.auth.isUsed()) return true;
  const [format] = generation.formats.values();
  if (format === undefined) return false;
  try {
    await authenticate(generation, headOf(format, 'models', context));
    return true;
  } catch {
    return false;
  }
}
