export { isObject, keysOf, valueAt } from './json-pointer.ts';
export { describeMisfit, type Misfit, placeIn } from './misfit.ts';
export { type Check, ToolSchemas } from './tool-schemas.ts';
