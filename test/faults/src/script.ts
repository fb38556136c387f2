import { formatOf, json, modelOf, providerError, type Responder } from '@signalbox/testkit';
import { type Cell, otherThan } from './cells.ts';
import { respondWith, turnOf } from './fault.ts';
import type { ProviderKind } from './kinds.ts';

interface Part {
  readonly kind: ProviderKind;
  readonly respond: Responder;
  calls: number;
  arrived(): void;
}

/** What the scripted server answers: each target of each cell has a model of its own. */
export class Script {
  readonly #parts = new Map<string, Part>();

  /**
   * `name`: the model of the first target, with `-0` behind it, and of its fallback, with `-1`. `arrived` is told of every
   * call of the first one.
   */
  add(name: string, { fault, provider, stream }: Cell, arrived: () => void): void {
    if (typeof fault.respond === 'function') {
      this.#part(`${name}-0`, provider, fault.respond(provider, stream), arrived);
    }
    const other = otherThan(provider);
    this.#part(`${name}-1`, other, respondWith(other, other.answer(turnOf('beta')), stream));
  }

  /** How often each target was called. From here on nobody may. */
  take(name: string): readonly [number, number] {
    const [first = 0, fallback = 0] = ['-0', '-1'].map((place) => {
      const { calls = 0 } = this.#parts.get(name + place) ?? {};
      this.#parts.delete(name + place);
      return calls;
    });
    return [first, fallback];
  }

  readonly respond: Responder = (request, wire) => {
    const format = formatOf(request);
    if (format === undefined) return aboutModels(request, wire);
    const part = this.#parts.get(modelOf(request));
    if (part === undefined || part.kind.id !== format) {
      const message = `nobody has ${modelOf(request)} at ${request.path}`;
      return providerError(501, { message })(request, wire);
    }
    part.calls++;
    part.arrived();
    return part.respond(request, wire);
  };

  #part(model: string, kind: ProviderKind, respond: Responder, arrived: () => void = () => {}): void {
    this.#parts.set(model, { kind, respond, calls: 0, arrived });
  }
}

/** What some providers are asked before they are called: this server has every model. */
export const aboutModels: Responder = (request, wire) => {
  const body = request.path === '/api/show' ? { capabilities: ['completion', 'tools', 'thinking'] } : { models: [] };
  return json(200, body)(request, wire);
};
