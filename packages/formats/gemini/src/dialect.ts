import type { SignatureStore } from './thought-signature.ts';

/** How one server's `generateContent` differs from the Gemini API of Google AI Studio. */
export interface GeminiDialect {
  /** Takes `id` on calls and their results. Vertex AI does not; there the order pairs them. */
  readonly callIds: boolean;
  /** Reads media from public URLs by itself (Vertex AI). */
  readonly mediaUrls: boolean;
  /** Takes `includeServerSideToolInvocations`, which its own tools need beside functions. */
  readonly serverToolInvocations: boolean;
  /** Top-level fields that the server takes beyond the documented core; others are dropped. */
  readonly fields: readonly string[];
  /** Thought signatures by tool call, for clients that lose them. */
  readonly signatures: SignatureStore | undefined;
}

/** The Gemini API as Google AI Studio serves it. */
export const geminiDialect: GeminiDialect = Object.freeze<GeminiDialect>({
  callIds: true,
  mediaUrls: false,
  serverToolInvocations: true,
  fields: ['safetySettings', 'cachedContent', 'serviceTier', 'store', 'continuationToken'],
  signatures: undefined,
});

/** The same format as Vertex AI serves it. */
export const vertexDialect: GeminiDialect = Object.freeze<GeminiDialect>({
  callIds: false,
  mediaUrls: true,
  serverToolInvocations: false,
  fields: ['safetySettings', 'cachedContent', 'labels', 'modelArmorConfig', 'continuationToken'],
  signatures: undefined,
});
