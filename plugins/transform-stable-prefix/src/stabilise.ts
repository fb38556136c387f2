import type { ChatRequest, Notes, TextBlock } from '@signalbox/kit';
import { withoutAttribution } from './attribution.ts';
import { withoutMinutes } from './clock.ts';
import type { StablePrefixConfig } from './config.ts';

const ATTRIBUTION_REASON = 'left out: the attribution line of Claude Code would give each prompt a prefix of its own';
const CLOCK_REASON = 'the time of day is rounded down to the hour, so that prompts have a prefix in common';

/**
 * The request with a system prompt that stays the same from turn to turn: the same object where it does already. What
 * the user and the model said is left alone, whatever it holds.
 */
export function stabilise(
  request: ChatRequest,
  { attribution, clock }: Pick<StablePrefixConfig, 'attribution' | 'clock'>,
  notes: Notes,
): ChatRequest {
  let attributed = attribution === 'keep';
  let changed = false;
  const system: TextBlock[] = [];
  for (const [index, block] of request.system.entries()) {
    const path = `system[${index}]`;
    let { text } = block;
    if (!attributed) {
      const rest = withoutAttribution(text);
      if (rest !== text) {
        // A client attributes a request once.
        attributed = true;
        notes.add(path, 'mapped', ATTRIBUTION_REASON);
        text = rest;
      }
    }
    if (clock === 'hour') {
      const rounded = withoutMinutes(text);
      if (rounded !== text) notes.add(path, 'approximated', CLOCK_REASON);
      text = rounded;
    }
    if (text === block.text) {
      system.push(block);
      continue;
    }
    changed = true;
    if (text !== '') system.push({ ...block, text });
  }
  return changed ? { ...request, system } : request;
}
