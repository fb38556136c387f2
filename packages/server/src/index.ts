export { explainRequest, type RequestToExplain, requestToExplain } from './explain.ts';
export { isLoopback } from './security.ts';
export { type Gateway, startServer } from './server.ts';
