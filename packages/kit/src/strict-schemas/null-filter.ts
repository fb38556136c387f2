import { isAdded, itemsOf, type NullPlace, placesOf, propertyOf } from './null-places.ts';

interface Level {
  readonly list: boolean;
  readonly places: readonly NullPlace[];
  /** In an object: something of it has been given out. */
  written: boolean;
  /** In an object: a comma that waits for what follows it. */
  comma: boolean;
}

type At = 'start' | 'value' | 'key' | 'in-key' | 'colon' | 'in-text' | 'in-word' | 'in-null' | 'after' | 'verbatim';

const SPACE = /\s/;
const WORD = /[A-Za-z0-9.+-]/;

/**
 * Takes properties that are null out of JSON as it is written, piece by piece, at the places where a null stands for a
 * property that is not there. Holds back no more than one key, and `null`. Text that is no JSON goes through as it came.
 */
export class NullFilter {
  readonly #root: readonly NullPlace[];
  readonly #levels: Level[] = [];
  #at: At = 'start';
  /** The key with what stands around it, until its value is known not to be left out. */
  #held = '';
  #key = '';
  #word = '';
  #escaped = false;
  #places: readonly NullPlace[];
  #out = '';

  constructor(root: NullPlace) {
    this.#root = placesOf([root]);
    this.#places = this.#root;
  }

  /** What can be given out of all that came so far. */
  push(text: string): string {
    for (let index = 0; index < text.length; index++) {
      if (this.#at === 'verbatim') {
        this.#out += text.slice(index);
        break;
      }
      if (this.#at === 'in-text' && !this.#escaped) {
        const start = index;
        while (index < text.length && text[index] !== '"' && text[index] !== '\\') index++;
        this.#out += text.slice(start, index);
        if (index === text.length) break;
      }
      this.#read(text[index] ?? '');
    }
    return this.#taken();
  }

  /** The rest, of a text that may end anywhere. */
  end(): string {
    this.#giveUp('');
    return this.#taken();
  }

  #taken(): string {
    const out = this.#out;
    this.#out = '';
    return out;
  }

  #read(char: string): void {
    switch (this.#at) {
      case 'in-text':
        this.#out += char;
        if (this.#ends(char)) this.#at = 'after';
        return;
      case 'in-key':
        this.#held += char;
        this.#key += char;
        if (this.#ends(char)) this.#at = 'colon';
        return;
      case 'in-word':
        if (WORD.test(char)) this.#out += char;
        else this.#after(char);
        return;
      case 'in-null':
        this.#word += char;
        if (this.#word === 'null') this.#leaveOut();
        else if (!'null'.startsWith(this.#word)) this.#giveUp('');
        return;
      case 'start':
        if (SPACE.test(char)) this.#out += char;
        else if (char === '{' || char === '[') this.#value(char);
        else this.#giveUp(char);
        return;
      case 'value':
        if (SPACE.test(char)) this.#wait(char);
        else this.#value(char);
        return;
      case 'key':
        if (SPACE.test(char)) this.#held += char;
        else if (char === '"') {
          this.#held += char;
          this.#key = char;
          this.#at = 'in-key';
        } else if (char === '}' && this.#levels.at(-1)?.comma === false) this.#after(char);
        else this.#giveUp(char);
        return;
      case 'colon':
        this.#held += char;
        if (char === ':') this.#found();
        else if (!SPACE.test(char)) this.#giveUp('');
        return;
      default:
        this.#after(char);
    }
  }

  #ends(char: string): boolean {
    if (this.#escaped) {
      this.#escaped = false;
      return false;
    }
    this.#escaped = char === '\\';
    return char === '"';
  }

  #wait(char: string): void {
    if (this.#held === '') this.#out += char;
    else this.#held += char;
  }

  /** A key is whole: what its value may be. */
  #found(): void {
    this.#key = keyIn(this.#key);
    const { places } = this.#levels.at(-1) as Level;
    this.#places = propertyOf(places, this.#key);
    this.#at = 'value';
  }

  #value(char: string): void {
    const level = this.#levels.at(-1);
    if (char === ']' && level?.list === true) {
      this.#after(char);
      return;
    }
    if (char === 'n' && level?.list === false && isAdded(level.places, this.#key)) {
      this.#word = char;
      this.#at = 'in-null';
      return;
    }
    this.#give();
    this.#out += char;
    if (char === '"') this.#at = 'in-text';
    else if (char === '{' || char === '[') this.#open(char === '[');
    else this.#at = WORD.test(char) ? 'in-word' : 'verbatim';
  }

  #open(list: boolean): void {
    const places = this.#places;
    this.#levels.push({ list, places, written: false, comma: false });
    this.#at = list ? 'value' : 'key';
    if (list) this.#places = itemsOf(places);
  }

  /** Behind a value, or where one could have begun. */
  #after(char: string): void {
    const level = this.#levels.at(-1);
    if (SPACE.test(char)) {
      this.#out += char;
      this.#at = 'after';
    } else if (level === undefined) this.#giveUp(char);
    else if (char === (level.list ? ']' : '}')) {
      this.#out += this.#held + char;
      this.#held = '';
      this.#levels.pop();
      this.#at = this.#levels.length === 0 ? 'verbatim' : 'after';
    } else if (char !== ',') this.#giveUp(char);
    else if (level.list) {
      this.#out += char;
      this.#places = itemsOf(level.places);
      this.#at = 'value';
    } else {
      level.comma = level.written;
      this.#at = 'key';
    }
  }

  #leaveOut(): void {
    this.#held = '';
    this.#word = '';
    const level = this.#levels.at(-1) as Level;
    level.comma = false;
    this.#at = 'after';
  }

  /** What was held back of the property that begins. */
  #give(): void {
    const level = this.#levels.at(-1);
    if (level !== undefined && !level.list) {
      if (level.comma) this.#out += ',';
      level.comma = false;
      level.written = true;
    }
    this.#out += this.#held;
    this.#held = '';
  }

  /** From here on as it comes. */
  #giveUp(char: string): void {
    const level = this.#levels.at(-1);
    if (level?.comma === true) this.#out += ',';
    this.#out += this.#held + this.#word + char;
    this.#held = '';
    this.#word = '';
    this.#at = 'verbatim';
  }
}

function keyIn(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}
