import type { JsonValue } from '@signalbox/spec';

/** What one provider takes of JSON Schema where it holds a model to the schema. */
export interface StrictRules {
  /** Whether a keyword is taken as it stands. Asked for all but those that say what a value is made of. */
  takes(keyword: string, value: JsonValue): boolean;
  /** A schema may refer to itself. */
  readonly recursion: boolean;
  /** Every property must be required: one that is optional may be null in its place. */
  readonly allRequired: boolean;
  /** Listed values stand beside a type, of which there may be several. */
  readonly typedValues: boolean;
}

/** Thrown inside only: this cannot be said in a strict schema. */
export class Unsayable extends Error {}
