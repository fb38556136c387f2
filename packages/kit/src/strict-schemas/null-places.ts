/** One place of a value, and where in it a null stands for a property that is not there. */
export class NullPlace {
  /** Properties whose null is none of the schema's own. */
  readonly added = new Set<string>();
  /** Properties that may be null by the schema itself. */
  readonly own = new Set<string>();
  readonly properties = new Map<string, NullPlace>();
  items: NullPlace | undefined;
  /** What else the value may be. */
  readonly others: NullPlace[] = [];
}

/** All that a value may be at one place, which may refer to itself. */
export function placesOf(places: readonly NullPlace[]): NullPlace[] {
  const all = new Set<NullPlace>(places);
  for (const place of all) for (const other of place.others) all.add(other);
  return [...all];
}

/** Whether a null is to be left out there. */
export function isAdded(places: readonly NullPlace[], property: string): boolean {
  return places.some(({ added }) => added.has(property));
}

/** The places of a property, whichever of these the value is. */
export function propertyOf(places: readonly NullPlace[], property: string): NullPlace[] {
  return placesOf(places.flatMap(({ properties }) => properties.get(property) ?? []));
}

/** The places of what a list holds. */
export function itemsOf(places: readonly NullPlace[]): NullPlace[] {
  return placesOf(places.flatMap(({ items }) => items ?? []));
}

/** Sets of places that one schema is looked at for. */
const MAX_SETS = 10_000;

/**
 * Whether it is clear of every null if it was added: a choice may have one schema by which it was, and one by which it is a
 * value like any other.
 */
export function areClear(root: NullPlace): boolean {
  const numbers = new Map<NullPlace, number>();
  const seen = new Set<string>();
  const open: NullPlace[][] = [placesOf([root])];
  for (let places = open.pop(); places !== undefined; places = open.pop()) {
    const key = places.map((place) => numberOf(place, numbers)).join();
    if (seen.has(key)) continue;
    if (seen.add(key).size > MAX_SETS) return false;
    const names = new Set<string>();
    for (const { properties } of places) for (const name of properties.keys()) names.add(name);
    for (const name of names) {
      if (isAdded(places, name) && places.some(({ own }) => own.has(name))) return false;
      open.push(propertyOf(places, name));
    }
    const items = itemsOf(places);
    if (items.length > 0) open.push(items);
  }
  return true;
}

function numberOf(place: NullPlace, numbers: Map<NullPlace, number>): number {
  const number = numbers.get(place) ?? numbers.size;
  numbers.set(place, number);
  return number;
}
