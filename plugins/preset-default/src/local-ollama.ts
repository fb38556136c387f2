/** Where Ollama listens unless `OLLAMA_HOST` says otherwise. */
const DEFAULT_URL = 'http://127.0.0.1:11434';
/** On this machine an answer takes a few ms; a start must not wait for one that does not come. */
const PATIENCE_MS = 250;

/** An Ollama server that answers, and the models that it has, the latest first. */
export interface LocalOllama {
  readonly baseUrl: string;
  readonly models: readonly string[];
}

/** Looks for an Ollama server, as its own command does: `OLLAMA_HOST`, else the default port of this machine. */
export async function findOllama(env: Readonly<Record<string, string | undefined>>): Promise<LocalOllama | undefined> {
  const baseUrl = urlOf(env.OLLAMA_HOST);
  if (baseUrl === undefined) return undefined;
  try {
    const answer = await fetch(`${baseUrl}/api/tags`, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: 'error' });
    const { models } = (await answer.json()) as { models?: unknown };
    if (!answer.ok || !Array.isArray(models)) return undefined;
    return { baseUrl, models: models.flatMap(({ name }) => (typeof name === 'string' ? [name] : [])) };
  } catch {
    // Nobody there, or somebody else.
    return undefined;
  }
}

/** `OLLAMA_HOST` as Ollama reads it: scheme and port may be missing, and the address of a server may be all addresses. */
function urlOf(host: string | undefined): string | undefined {
  if (host === undefined || host.trim() === '') return DEFAULT_URL;
  const text = host.trim();
  const withScheme = /^https?:\/\//.test(text) ? text : `http://${text}`;
  if (!URL.canParse(withScheme)) return undefined;
  const url = new URL(withScheme);
  if (url.hostname === '0.0.0.0' || url.hostname === '[::]') url.hostname = '127.0.0.1';
  if (url.port === '' && withScheme !== text) url.port = '11434';
  return url.origin;
}
