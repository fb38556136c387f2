import {
  type ChatRequest,
  type ClientContext,
  estimatePromptTokens,
  type Format,
  type JsonObject,
  Notes,
  type TargetContext,
  ToolNames,
} from '@signalbox/kit';
import type { Features } from './arbitraries.ts';
import type { Essence } from './compare.ts';
import type { Fixture } from './fixtures.ts';

export interface FormatOptions {
  /** A folder (see `readFixtures`), or the cases themselves. */
  fixtures?: string | URL | readonly Fixture[];
  /** What counts as the same request body. Default: the body itself. */
  normalise?(body: JsonObject): JsonObject;
  /** What of a reply survives this format. Default: all of its essence. */
  survives?(essence: Essence): Essence;
  /** What the format can say; restricts the replies and requests that are made up. */
  features?: Features;
  /** A request of the client whose replies are encoded; it may decide what a reply tells (usage in a stream). */
  clientRequest?: JsonObject;
  /** The origin of the reasoning state that the provider issues. Default: the format's id. */
  reasoningOrigin?: string;
  /** How often each law over made-up values is tried. Default: 100. */
  runs?: number;
}

const BARE: ChatRequest = { model: 'law-model', stream: true, system: [], messages: [], tools: [] };

/** A target context of its own for one reply or request. */
export function targetContext(
  format: Format,
  { reasoningOrigin = format.id }: FormatOptions,
  model = 'law-model',
): TargetContext {
  return { model, notes: new Notes(), toolNames: new ToolNames(), reasoningOrigin, enforceStopSequences: () => {} };
}

/** The request that these bytes ask for; where the path names model and stream, it says what `request` does. */
export function decodeAgain(format: Format, body: JsonObject, { model, stream }: ChatRequest): ChatRequest {
  const wire = JSON.parse(JSON.stringify(body)) as JsonObject;
  return format.decodeRequest(wire, { headers: {}, notes: new Notes(), ...pathOf(format, model, stream) });
}

export function clientContext(format: Format, { clientRequest }: FormatOptions): ClientContext {
  const notes = new Notes();
  const path = pathOf(format, BARE.model, true);
  const request =
    clientRequest === undefined ? BARE : format.decodeRequest(clientRequest, { headers: {}, notes, ...path });
  return {
    model: request.model,
    headers: {},
    notes,
    request,
    estimatePromptTokens: () => estimatePromptTokens(request),
  };
}

/** What a path says where model and stream do not stand in the body. */
function pathOf(format: Format, model: string, stream: boolean): { model?: string; stream?: boolean } {
  return format.modelInBody === false ? { model, stream } : {};
}
