export { clients } from './clients.ts';
export { type Fault, faults, respondWith, turnOf } from './faults.ts';
export { formats } from './formats.ts';
export { providers } from './providers.ts';
export { ask, type Cell, judge, otherThan, TIMEOUTS, targetsOf } from './wall.ts';
