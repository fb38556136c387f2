/** Adds items to a list, however many they are: as arguments of `push`, a hundred thousand overflow the stack. */
export function addAll<T>(list: T[], items: Iterable<T>): void {
  for (const item of items) list.push(item);
}
