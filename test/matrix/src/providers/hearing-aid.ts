import type { JsonObject, JsonValue } from '@signalbox/kit';
import type { Heard, HeardPart, HeardTurn } from '../wire.ts';

type Call = Extract<HeardPart, { readonly type: 'call' }>;

/** Puts together what a provider hears: neighbouring messages of one side are one turn. */
export class HearingAid {
  readonly #system: string[] = [];
  readonly #turns: { role: 'user' | 'assistant'; parts: HeardPart[] }[] = [];
  readonly #problems: string[] = [];

  hear(system: readonly string[]): void {
    this.#system.push(...system.filter((said) => said !== ''));
  }

  say(role: JsonValue | undefined, parts: readonly HeardPart[]): void {
    if (role !== 'user' && role !== 'assistant') {
      this.mind(`a message of ${String(role)}`);
      return;
    }
    const last = this.#turns.at(-1);
    if (last?.role === role) last.parts.push(...parts);
    else this.#turns.push({ role, parts: [...parts] });
  }

  /** An endpoint that is asked with a field that it does not know answers 400, or ignores what was meant. */
  knows(value: JsonObject, keys: string, where: string): void {
    const known = keys.split(' ');
    for (const key of Object.keys(value)) if (!known.includes(key)) this.mind(`${where} has ${key}`);
  }

  mind(problem: string): void {
    this.#problems.push(problem);
  }

  /** Stands for a part that a provider would refuse. */
  strange(problem: string): HeardPart {
    this.mind(problem);
    return { type: 'text', text: '' };
  }

  heard(rest: Omit<Heard, 'system' | 'turns' | 'problems'>): Heard {
    for (const [index, turn] of this.#turns.entries()) this.#pair(turn, this.#turns[index + 1]);
    return { ...rest, system: this.#system.join('\n\n'), turns: this.#turns, problems: this.#problems };
  }

  /** Every call is answered in the next turn, once, in order; nothing else is. */
  #pair({ parts }: HeardTurn, next: HeardTurn | undefined): void {
    const calls = parts.filter((part): part is Call => part.type === 'call');
    const results = (next?.parts ?? []).filter((part) => part.type === 'result');
    if (calls.length > 0 && results.length !== calls.length) {
      this.mind(`${results.length} results for ${calls.length} calls`);
    }
    for (const [index, result] of results.entries()) {
      const call = calls[index];
      if (call === undefined || (result.id !== undefined && result.id !== call.id)) {
        this.mind(`a result of ${result.id} where ${call?.id} was called`);
      }
      if (result.name !== undefined && result.name !== call?.name) {
        this.mind(`a result of ${result.name} where ${call?.name} was called`);
      }
    }
  }
}
