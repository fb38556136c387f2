export type * from './content.ts';
export type * from './json.ts';
export type * from './reply.ts';
export type * from './request.ts';
