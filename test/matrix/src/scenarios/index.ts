import type { Scenario } from '../scenario.ts';
import { content } from './content.ts';
import { conversation } from './conversation.ts';
import { counts } from './counts.ts';
import { failures } from './failures.ts';
import { limits } from './limits.ts';
import { schemas } from './schemas.ts';
import { tools } from './tools.ts';

/** The rows of the matrix, in groups of one idea. */
export const groups: Readonly<Record<string, readonly Scenario[]>> = {
  conversation,
  tools,
  content,
  limits,
  schemas,
  counts,
  failures,
};
