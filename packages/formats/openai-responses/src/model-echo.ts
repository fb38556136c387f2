import type { JsonValue } from '@signalbox/kit';
import { isObject } from './fields.ts';

const LF = 10;
/** A line that is longer is none of a provider's: it goes on as it came, and so does all that follows. */
const MAX_HELD_CHARS = 32 * 1024 * 1024;
/** Frames that hold the whole response. */
const LIFECYCLE = /"type"\s*:\s*"response\.(?:created|queued|in_progress|completed|incomplete|failed)"/;

/**
 * Puts another model name into the frames that hold the response. Works on bytes, line by line, so that a cut anywhere,
 * even inside a character, changes nothing. The name stands among texts and tool definitions of any shape: it is the
 * parsed one that is looked for.
 */
export class ModelEcho {
  readonly #field: string;
  /** The line that is not whole yet, as bytes in `latin1`. */
  #rest: string[] = [];
  #held = 0;
  #lost = false;

  constructor(model: string) {
    this.#field = Buffer.from(`"model":${JSON.stringify(model)}`).toString('latin1');
  }

  push(chunk: Uint8Array): Uint8Array {
    if (this.#lost) return chunk;
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const end = bytes.lastIndexOf(LF) + 1;
    this.#held = end === 0 ? this.#held + bytes.length : bytes.length - end;
    this.#lost = this.#held > MAX_HELD_CHARS;
    if (end === 0) {
      this.#rest.push(bytes.toString('latin1'));
      return this.#lost ? this.end() : Buffer.alloc(0);
    }
    const whole = this.#rest.join('') + bytes.toString('latin1', 0, end);
    this.#rest = [bytes.toString('latin1', end)];
    return Buffer.from(this.#replace(whole), 'latin1');
  }

  end(): Uint8Array {
    const rest = this.#rest.join('');
    this.#rest = [];
    return Buffer.from(this.#replace(rest), 'latin1');
  }

  #replace(text: string): string {
    if (!LIFECYCLE.test(text)) return text;
    return text
      .split('\n')
      .map((line) => (line.startsWith('data:') && LIFECYCLE.test(line) ? this.#replaceIn(line) : line))
      .join('\n');
  }

  #replaceIn(line: string): string {
    const model = modelOf(Buffer.from(line.slice('data:'.length), 'latin1').toString());
    if (model === undefined) return line;
    const value = Buffer.from(JSON.stringify(model)).toString('latin1');
    const field = new RegExp(`"model"\\s*:\\s*${value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
    return line.replace(field, () => this.#field);
  }
}

function modelOf(data: string): string | undefined {
  try {
    const event = JSON.parse(data) as JsonValue;
    const response = isObject(event) ? event.response : undefined;
    return isObject(response) && typeof response.model === 'string' ? response.model : undefined;
  } catch {
    return undefined;
  }
}
