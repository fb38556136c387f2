const DAY_MINUTES = 24 * 60;

/** Whether it is between two times of the day. */
export type TimeRange = (now: Date) => boolean;

/**
 * From `from` up to `to`, both `HH:MM`, over midnight where `to` is the earlier one; in `zone`, an IANA name, else in
 * the time of this machine.
 * @throws {RangeError} that says what is wrong.
 */
export function compileTimeRange(from: string, to: string, zone?: string): TimeRange {
  const start = minutesOf(from);
  const end = minutesOf(to);
  if (start === end) throw new RangeError(`"${from}" to "${to}" is no time at all; leave the condition out for always`);
  const minuteOfDay = zone === undefined ? localMinute : minuteIn(zone);
  return (now) => {
    const minute = minuteOfDay(now);
    return start < end ? minute >= start && minute < end : minute >= start || minute < end;
  };
}

function minutesOf(text: string): number {
  const [, hours, minutes] = /^(\d{2}):(\d{2})$/.exec(text) ?? [];
  const total = Number(hours) * 60 + Number(minutes);
  if (!(Number(minutes) < 60 && total <= DAY_MINUTES)) {
    throw new RangeError(`a time is written HH:MM, from "00:00" to "24:00", not "${text}"`);
  }
  return total;
}

function localMinute(now: Date): number {
  return now.getHours() * 60 + now.getMinutes();
}

function minuteIn(zone: string): (now: Date) => number {
  let clock: Intl.DateTimeFormat;
  try {
    clock = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  } catch {
    throw new RangeError(`there is no time zone "${zone}"; one is written like "Europe/Berlin"`);
  }
  return (now) => minutesOf(clock.format(now));
}
