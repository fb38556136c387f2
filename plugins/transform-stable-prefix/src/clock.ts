/** A body is searched this far: the system prompt stands at its start. */
const SEARCHED_BYTES = 32 * 1024;
/** What begins with these may begin with a capital. */
const CURRENT = Buffer.from('urrent');
const TODAY = Buffer.from('oday is');
const [SPACE, UNDERSCORE, D, T] = [0x20, 0x5f, 0x64, 0x74];

/** Whether a body may name the current time near its start: a quick look, before anything is decoded. */
export function mayHoldClock(body: Buffer): boolean {
  const start = body.subarray(0, SEARCHED_BYTES);
  if (start.includes(TODAY)) return true;
  for (let at = start.indexOf(CURRENT); at !== -1; at = start.indexOf(CURRENT, at + 1)) {
    const next = start[at + CURRENT.length] ?? 0;
    const letter = (next === SPACE || next === UNDERSCORE ? start[at + CURRENT.length + 1] : next) ?? 0;
    const lower = letter | 0x20;
    if (lower === D || lower === T) return true;
  }
  return false;
}

/** A label, what separates it from its value, and the value up to the end of the line. */
const LABELLED =
  /\b(?:current[ _]?(?:date(?:[ _]?(?:and|&)?[ _]?time)?|time)["'*`]{0,3}(?:[ \t]+is\b|[ \t]*[:=>])|today is\b)[^\n]{0,80}/gi;
/** Hours, minutes and what is finer; not the minutes of a time zone. */
const TIME_OF_DAY = /(?<![\d:+-])(\d{1,2}):[0-5]\d(:[0-5]\d(?:[.,]\d+)?)?(?![\d:])/g;
const DATED = /\b\d{4}-\d\d-\d\dT(\d\d):[0-5]\d(:[0-5]\d(?:[.,]\d+)?)?/g;

/** The text with the current time of day rounded down to the hour: the same text where it names none. */
export function withoutMinutes(text: string): string {
  if (!text.includes('urrent') && !text.includes('oday is')) return text;
  return text.replace(LABELLED, (line) =>
    line
      .replace(DATED, (time, _hour, seconds?: string) => `${time.slice(0, 13)}:00${seconds === undefined ? '' : ':00'}`)
      .replace(
        TIME_OF_DAY,
        (_time, hour: string, seconds?: string) => `${hour}:00${seconds === undefined ? '' : ':00'}`,
      ),
  );
}
