import type { Format, IngressRoute } from '@signalbox/kit';
import { showModel } from './show.ts';

export const CHAT_PATH = '/api/chat';
/** `/api/generate` is a chat of one prompt: its requests and replies have other fields. */
export const GENERATE_PATH = '/api/generate';

/** The release whose API this is. Clients refuse servers that are older than they need, and ours has its own count. */
const API_VERSION = '0.32.15';

/** Pulling, copying and deleting models is not for a gateway's clients. */
export const INGRESS: readonly IngressRoute[] = [
  { method: 'POST', path: CHAT_PATH, operation: 'chat' },
  { method: 'POST', path: GENERATE_PATH, operation: 'chat' },
  { method: 'GET', path: '/api/tags', operation: 'models' },
  { method: 'POST', path: '/api/show', operation: 'info', respond: showModel },
  { method: 'GET', path: '/api/version', operation: 'info', respond: () => ({ version: API_VERSION }) },
  // No model of a gateway's is in memory.
  { method: 'GET', path: '/api/ps', operation: 'info', respond: () => ({ models: [] }) },
];

const AGENT = /^ollama[-/]/i;

/** Ollama's own clients say who they are; every path of its API begins with `/api/`. */
export const recognises: Format['recognises'] = ({ path, headers }) =>
  path.startsWith('/api/') || AGENT.test(headers['user-agent'] ?? '');
