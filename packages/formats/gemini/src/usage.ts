import type { JsonObject, JsonValue, Notes, Usage } from '@signalbox/kit';
import { count, extrasOf, ID, isObject, tagged } from './fields.ts';

const KNOWN: ReadonlySet<string> = new Set([
  'promptTokenCount',
  'cachedContentTokenCount',
  'candidatesTokenCount',
  'thoughtsTokenCount',
  'totalTokenCount',
]);

/**
 * Converts `usageMetadata` to canonical counts in tokens. The prompt includes its cached part; what Google's own tools put
 * in (`toolUsePromptTokenCount`) comes on top of it, and thoughts on top of the candidates.
 * @returns `undefined` where there is no usage; counts that are not reported are left out, never 0.
 */
export function decodeUsage(value: JsonValue | undefined): Usage | undefined {
  if (!isObject(value)) return undefined;
  const prompt = count(value.promptTokenCount);
  const toolUse = count(value.toolUsePromptTokenCount);
  const cached = count(value.cachedContentTokenCount);
  const candidates = count(value.candidatesTokenCount);
  const thoughts = count(value.thoughtsTokenCount);
  return {
    ...(prompt === undefined ? {} : { promptTokens: prompt + (toolUse ?? 0) }),
    ...(cached === undefined ? {} : { cacheReadTokens: cached }),
    ...(candidates === undefined && thoughts === undefined
      ? {}
      : { completionTokens: (candidates ?? 0) + (thoughts ?? 0) }),
    ...(thoughts === undefined ? {} : { reasoningTokens: thoughts }),
    ...tagged(extrasOf(value, KNOWN)),
  };
}

/** The same for a client; `undefined` where nothing is known. The total is what the known counts add up to. */
export function encodeUsage(usage: Usage | undefined): JsonObject | undefined {
  if (usage === undefined) return undefined;
  const { promptTokens, cacheReadTokens, completionTokens, reasoningTokens, extensions } = usage;
  if (promptTokens === undefined && completionTokens === undefined) return undefined;
  const own = extensions?.[ID];
  const toolUse = count(own?.toolUsePromptTokenCount) ?? 0;
  const wire: JsonObject = {};
  if (promptTokens !== undefined) wire.promptTokenCount = Math.max(0, promptTokens - toolUse);
  if (cacheReadTokens !== undefined) wire.cachedContentTokenCount = cacheReadTokens;
  if (completionTokens !== undefined) {
    wire.candidatesTokenCount = Math.max(0, completionTokens - (reasoningTokens ?? 0));
  }
  if (reasoningTokens !== undefined) wire.thoughtsTokenCount = reasoningTokens;
  wire.totalTokenCount = (promptTokens ?? 0) + (completionTokens ?? 0);
  return { ...wire, ...own };
}

/** What a client of this format is not told: how much of the prompt went into a cache. */
export function noteUntold(usage: Usage | undefined, notes: Pick<Notes, 'add'>): void {
  if ((usage?.cacheWriteTokens ?? 0) === 0) return;
  notes.add('usage.cacheWriteTokens', 'dropped', 'the client’s format does not count what goes into a cache');
}

/** Whether a report says nothing new. */
export function sameUsage(usage: Usage, before: Usage | undefined): boolean {
  return (
    before !== undefined &&
    usage.promptTokens === before.promptTokens &&
    usage.completionTokens === before.completionTokens &&
    usage.cacheReadTokens === before.cacheReadTokens &&
    usage.reasoningTokens === before.reasoningTokens
  );
}
