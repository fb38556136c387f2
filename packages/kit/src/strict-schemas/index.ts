export { type AddedNulls, leaveOutNulls } from './leave-out-nulls.ts';
export type { NullPlace } from './null-places.ts';
export { isPlainPattern } from './patterns.ts';
export type { StrictRules } from './rules.ts';
export type { SchemaSize } from './size.ts';
export { type StrictProvider, StrictSchemas } from './strict-request.ts';
export { type StrictSchema, strictSchema } from './strict-schema.ts';
