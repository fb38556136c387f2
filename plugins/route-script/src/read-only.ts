const views = new WeakMap<object, object>();

/**
 * A view of plain data that cannot be changed through it: objects and lists all the way down, made as they are read. What a
 * script does to a request by mistake would be sent.
 */
export function readOnly<T>(value: T): T {
  if (typeof value !== 'object' || value === null || !isPlain(value) || Object.isFrozen(value)) return value;
  const known = views.get(value);
  if (known !== undefined) return known as T;
  const view = new Proxy(value, {
    get: (target, key) => readOnly(Reflect.get(target, key)),
    ...refusals,
  });
  views.set(value, view);
  return view;
}

/** The same of an object of a class: its methods work, its plain data cannot be changed. */
export function readOnlyObject<T extends object>(object: T): T {
  return new Proxy(object, {
    get: (target, key) => {
      // Private fields are the object's own, never the view's.
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : readOnly(value);
    },
    ...refusals,
  });
}

const refuse = (): never => {
  throw new TypeError('a script may not change what it is asked about');
};
const refusals = { set: refuse, deleteProperty: refuse, defineProperty: refuse, setPrototypeOf: refuse };

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
