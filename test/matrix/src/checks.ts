import type { JsonValue } from '@signalbox/kit';
import { same } from './json.ts';
import type { Exchange, Trial } from './trial.ts';
import type { Ask, Ending, HeardPart, HeardTurn } from './wire.ts';

/** What a scripted turn counts unless it says otherwise. */
export const USAGE = { prompt: 20, completion: 10 };

interface Expected {
  readonly text: string;
  readonly ending?: Ending;
  readonly calls?: readonly { readonly name: string; readonly input: JsonValue }[];
}

/** The client holds what the provider said, and it reads as a finished answer in its format. */
export function checkAnswer(
  trial: Trial,
  { status, said, record, raw }: Exchange,
  { text, ending = 'end', calls = [] }: Expected,
): void {
  trial.check('answer', status === 200, `status ${status}: ${raw.slice(0, 300)}`);
  trial.check('answer', said.text === text, `the client reads ${JSON.stringify(said.text)}`);
  trial.check('ending', said.ending === ending, `the client takes the end for ${said.ending}`);
  trial.check('ending', said.ended, 'no mark of success');
  trial.check('answer', said.error === undefined, `an error: ${said.error?.message}`);
  trial.check('model', said.model === trial.line.model, `the answer is of ${said.model}`);
  for (const problem of said.problems) trial.check('wire', false, `the client stumbles: ${problem}`);
  checkCalls(trial, said.calls, calls);
  trial.check('log', record.error === undefined, `recorded as ${record.error?.code}`);
}

function checkCalls(trial: Trial, calls: Exchange['said']['calls'], expected: NonNullable<Expected['calls']>): void {
  trial.check('calls', calls.length === expected.length, `${calls.length} calls instead of ${expected.length}`);
  for (const [index, { name, input }] of expected.entries()) {
    const call = calls[index];
    const holds = call?.name === name && same(call.input, input);
    trial.check('calls', holds, `call ${index} is ${call?.name}(${JSON.stringify(call?.input)})`);
  }
  const ids = calls.flatMap(({ id }) => (id === undefined ? [] : [id]));
  trial.check('calls', new Set(ids).size === ids.length, `ids that are not unique: ${ids.join(', ')}`);
}

export function checkUsage(
  trial: Trial,
  { said: { usage }, record }: Exchange,
  expected: { readonly prompt: number; readonly completion: number },
): void {
  const { prompt, completion } = usage ?? {};
  trial.check('usage', prompt === expected.prompt, `${prompt} tokens of prompt`);
  trial.check('usage', completion === expected.completion, `${completion} tokens of completion`);
  trial.check('log', record.usage?.promptTokens === expected.prompt, `${record.usage?.promptTokens} on record`);
  trial.check(
    'log',
    record.usage?.completionTokens === expected.completion,
    `${record.usage?.completionTokens} of completion on record`,
  );
}

/**
 * The provider holds what the client said: its words, in its order, its tools and its limit, and nothing besides.
 * @param further the turns that follow those of the ask.
 */
export function checkHeard(trial: Trial, { heard }: Exchange, ask: Ask, further = 0): void {
  if (heard === undefined) {
    trial.check('heard', false, 'the provider was not asked');
    return;
  }
  for (const problem of heard.problems) trial.check('wire', false, `the provider stumbles: ${problem}`);
  trial.check('heard', heard.stream === trial.stream, `stream is ${heard.stream}`);
  trial.check('system', heard.system === (ask.system ?? ''), `the system prompt is ${JSON.stringify(heard.system)}`);
  trial.check('limit', heard.limit === (ask.limit ?? 4096), `the limit is ${heard.limit}`);
  trial.check('stop', heard.stop.join() === (ask.stop ?? ''), `the stop sequences are ${JSON.stringify(heard.stop)}`);
  trial.check('reasoning', heard.reasons === (ask.reasons ?? false), `reasoning is ${heard.reasons}`);
  trial.check('schema', same(heard.schema, ask.schema), `the schema is ${JSON.stringify(heard.schema)}`);
  const tools = heard.tools as unknown as JsonValue;
  trial.check(
    'tools',
    same(tools, (ask.tools ?? []) as unknown as JsonValue),
    `the tools are ${JSON.stringify(tools)}`,
  );
  const { length } = heard.turns;
  trial.check('turns', length === ask.turns.length + further, `${length} turns`);
  for (const [index, { role, text, image, document }] of ask.turns.entries()) {
    const turn = heard.turns[index];
    // Beside a document there may be its title, or a word about what became of it.
    const words = document === undefined ? textOf(turn) : textOf(turn).slice(0, text.length);
    trial.check('turns', turn?.role === role && words === text, `turn ${index} is ${JSON.stringify(turn)}`);
    if (image !== undefined) trial.check('image', hasMedia(turn, 'image', image), `turn ${index} has no image`);
    if (document !== undefined) {
      trial.check('document', hasMedia(turn, 'document', document), `turn ${index} has no document`);
    }
  }
}

export function textOf(turn: HeardTurn | undefined): string {
  return partsOf(turn, 'text')
    .map(({ text }) => text)
    .join('');
}

export function partsOf<T extends HeardPart['type']>(
  turn: HeardTurn | undefined,
  type: T,
): Extract<HeardPart, { readonly type: T }>[] {
  return (turn?.parts ?? []).filter((part): part is Extract<HeardPart, { readonly type: T }> => part.type === type);
}

const MEDIA_TYPES = { image: 'image/png', document: 'application/pdf' } as const;

function hasMedia(turn: HeardTurn | undefined, type: 'image' | 'document', data: string): boolean {
  return (turn?.parts ?? []).some(
    (part) =>
      (part.type === 'image' || part.type === 'document') &&
      part.type === type &&
      part.data === data &&
      (part.mediaType ?? MEDIA_TYPES[type]) === MEDIA_TYPES[type],
  );
}
