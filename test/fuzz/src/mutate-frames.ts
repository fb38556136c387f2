import type { JsonValue } from '@signalbox/kit';
import { mutateBytes } from './mutate-bytes.ts';
import { mutateJson } from './mutate-json.ts';
import { nastyValue, printJson } from './nasty.ts';
import type { Random } from './random.ts';

/** A stream as its frames: what each says, and how it is put on the wire. */
export interface Frames {
  /** JSON, or what stands in its place (`[DONE]`). */
  readonly data: readonly string[];
  /** `index`: which of the data it is of, for a name that stands beside it. */
  print(data: string, index: number): Buffer;
}

/** Frames that say nothing: some servers send them without end. */
const IDLE = [': ping\n\n', '\n', 'event: ping\n\n', 'data:\n\n', 'id: 1\n\n', 'retry: 1\n\n', '\r\n\r\n'];

/** Damages a stream frame by frame, then now and then its bytes and its line ends. */
export function mutateFrames(random: Random, { data, print }: Frames, others: readonly Frames[]): Buffer {
  const frames = data.map((text, index) => ({ text, index }));
  for (let left = random.few(6); left > 0; left--) {
    const at = random.int(frames.length);
    const frame = frames[at] ?? { text: '{}', index: 0 };
    switch (random.int(8)) {
      case 0:
        frames.splice(at, random.few(3));
        break;
      case 1:
        for (let times = random.chance(0.05) ? random.int(200) : 1; times > 0; times--) frames.splice(at, 0, frame);
        break;
      case 2:
        frames.splice(random.int(frames.length + 1), 0, ...frames.splice(at, 1));
        break;
      case 3:
        frames.length = at;
        break;
      case 4: {
        const other = random.pick(others);
        const index = random.int(other.data.length);
        frames.splice(at, 0, { text: other.data[index] ?? '', index });
        break;
      }
      case 5:
        frames.splice(at, 0, { text: printJson(nastyValue(random)), index: frame.index });
        break;
      default:
        if (frame !== undefined) frames[at] = { ...frame, text: damaged(random, frame.text, data) };
    }
  }
  const printed = frames.map(({ text, index }) => print(text, index));
  if (random.chance(0.1)) {
    const idle = Buffer.from(random.pick(IDLE).repeat(random.few(2_000)));
    printed.splice(random.int(printed.length + 1), 0, idle);
  }
  const bytes = Buffer.concat(printed);
  if (random.chance(0.1))
    return Buffer.from(bytes.toString('latin1').replaceAll('\n', random.pick(LINE_ENDS)), 'latin1');
  return random.chance(0.15) ? mutateBytes(random, bytes) : bytes;
}

const LINE_ENDS = ['\r\n', '\r', '\n\n', '\n\r', ''];

function damaged(random: Random, text: string, others: readonly string[]): string {
  const value = parsed(text);
  if (value === undefined || random.chance(0.1)) return text.slice(0, random.int(text.length + 1));
  return mutateJson(
    random,
    value,
    others.map(parsed).filter((other) => other !== undefined),
  );
}

export function parsed(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}
