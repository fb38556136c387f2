import type { ProviderCall } from '@signalbox/kit';
import type { GeminiConfig } from './config.ts';

const GEMINI_API = 'https://generativelanguage.googleapis.com';

/** Where the models are: everything of a URL before `/models`. */
export function modelsBase({ baseUrl, vertex }: GeminiConfig): string {
  const root = (baseUrl ?? (vertex === undefined ? GEMINI_API : vertexHost(vertex.location))).replace(/\/+$/, '');
  const versioned = /\/v\d[a-z0-9]*$/.test(root) ? root : `${root}/${vertex === undefined ? 'v1beta' : 'v1beta1'}`;
  if (vertex === undefined) return versioned;
  const { project, location } = vertex;
  const scope = project === undefined ? '' : `/projects/${encodeURIComponent(project)}/locations/${location}`;
  return `${versioned}${scope}/publishers/google`;
}

function vertexHost(location: string): string {
  if (location === 'global') return 'https://aiplatform.googleapis.com';
  if (location === 'us' || location === 'eu') return `https://aiplatform.${location}.rep.googleapis.com`;
  return `https://${location}-aiplatform.googleapis.com`;
}

/** The URL of one call. The model is a client's word: it stays one segment of the path, but for tuned models. */
export function callUrl(base: string, { model, operation, stream }: ProviderCall): string {
  const path = `${base}/${modelPath(model)}`;
  if (operation === 'count-tokens') return `${path}:countTokens`;
  return stream ? `${path}:streamGenerateContent?alt=sse` : `${path}:generateContent`;
}

export function modelPath(model: string): string {
  const [kind, ...name] = model.split('/');
  const rest = name.join('/');
  if ((kind === 'models' || kind === 'tunedModels') && rest !== '') return `${kind}/${encodeURIComponent(rest)}`;
  return `models/${encodeURIComponent(model)}`;
}
