export { isLoopback } from './security.ts';
export { type Gateway, startServer } from './server.ts';
