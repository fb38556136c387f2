/** How the scripted provider answers. The name is the first segment of the path that it is called at. */
export interface Script {
  /** 0: a whole JSON body. */
  readonly eventsPerWrite: number;
  /** Between two writes, in ms; 0: as soon as the event loop turns. */
  readonly intervalMs: number;
  /** The stream never ends: after its first content it goes on at the same pace until the client leaves. */
  readonly endless?: boolean;
}

export const scripts = {
  whole: { eventsPerWrite: 0, intervalMs: 0 },
  singles: { eventsPerWrite: 1, intervalMs: 0 },
  eights: { eventsPerWrite: 8, intervalMs: 0 },
  // Slow enough that no two writes of a stream are read at once: what one arrival costs.
  'paced-singles': { eventsPerWrite: 1, intervalMs: 5 },
  'paced-eights': { eventsPerWrite: 8, intervalMs: 10 },
  endless: { eventsPerWrite: 1, intervalMs: 2000, endless: true },
} as const satisfies Record<string, Script>;

export type ScriptName = keyof typeof scripts;
export const scriptNames = Object.keys(scripts) as ScriptName[];
