/**
 * Where a tap stands among the taps of its hook; within one stage the config's order decides. Use these, not tapable's
 * `before`: an unknown name there puts the tap ahead of all others.
 */
export const Stage = {
  /** On `route`: what makes a request whole (`Exchange.completeBody`), before anybody looks at it. */
  First: -1_000,
  /** On `route`: names by which a client chose its target itself. */
  Early: -100,
  /** Strategies that choose. */
  Rule: 0,
  /** Strategies that refine a plan: fallbacks, cost, affinity. */
  Refine: 100,
  /** Those that put in order all that the others have added: health. */
  Whole: 120,
  /** Those that speak of the order that stands in the end: hedging. */
  Final: 140,
  Late: 200,
} as const;
