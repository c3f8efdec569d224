/**
 * AWS's cron expressions: minutes, hours, day of month, month, day of week, year, in UTC.
 * https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
 */
export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** True on the days of a month that the two day fields and the month and year fields allow. */
  matchesDay(year: number, month: number, day: number): boolean;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

const LAST_YEAR = 2199;

interface Range {
  readonly least: number;
  readonly most: number;
  /** Names for the numbers from `least` on. */
  readonly names?: readonly string[];
}

const number = (text: string, { least, most, names = [] }: Range): number => {
  const named = names.indexOf(text.toUpperCase());
  const value = named === -1 ? Number(text) : named + least;
  if (!/^\d+$/.test(text) && named === -1) throw new SyntaxError(`${text} is no number`);
  if (value < least || value > most) throw new SyntaxError(`${text} is not between ${least} and ${most}`);
  return value;
};

/** `*`, `5`, `1-5`, `0/15`, `1,15,30` as the numbers that they allow. */
const values = (field: string, range: Range): readonly number[] =>
  field.split(",").flatMap((part) => {
    const [span = "", step] = part.split("/");
    const [from = "", to] = span.split("-");
    const isAll = span === "*" || span === "?";
    const first = isAll ? range.least : number(from, range);
    const last = to === undefined ? (isAll || step !== undefined ? range.most : first) : number(to, range);
    const by = step === undefined ? 1 : Number(step);
    if (!Number.isInteger(by) || by < 1) throw new SyntaxError(`${part} has no valid step`);
    return Array.from({ length: Math.floor((last - first) / by) + 1 }, (_, index) => first + index * by);
  });

const daysIn = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();
/** 1 is Sunday, as AWS counts. */
const weekday = (year: number, month: number, day: number): number =>
  new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;

const isWorkday = (year: number, month: number, day: number): boolean =>
  ![1, 7].includes(weekday(year, month, day));

/** The working day next to a date, within its month. */
const nearestWorkday = (year: number, month: number, day: number): number | undefined =>
  [day, day - 1, day + 1, day - 2, day + 2].find(
    (candidate) => candidate >= 1 && candidate <= daysIn(year, month) && isWorkday(year, month, candidate),
  );

type DayTest = (year: number, month: number, day: number) => boolean;

const dayOfMonth = (field: string): DayTest => {
  if (field === "L") return (year, month, day) => day === daysIn(year, month);
  const workday = /^(\d+)W$/.exec(field)?.[1];
  if (workday !== undefined)
    return (year, month, day) => day === nearestWorkday(year, month, Number(workday));
  const allowed = new Set(values(field, { least: 1, most: 31 }));
  return (_year, _month, day) => allowed.has(day);
};

const dayOfWeek = (field: string): DayTest => {
  const range = { least: 1, most: 7, names: WEEKDAYS };
  if (field === "L") return (year, month, day) => weekday(year, month, day) === 7;
  const [, lastOf] = /^(\w+)L$/.exec(field) ?? [];
  if (lastOf !== undefined) {
    const wanted = number(lastOf, range);
    return (year, month, day) => weekday(year, month, day) === wanted && day + 7 > daysIn(year, month);
  }
  const [, which, nth] = /^(\w+)#([1-5])$/.exec(field) ?? [];
  if (which !== undefined) {
    const wanted = number(which, range);
    return (year, month, day) => weekday(year, month, day) === wanted && Math.ceil(day / 7) === Number(nth);
  }
  const allowed = new Set(values(field, range));
  return (year, month, day) => allowed.has(weekday(year, month, day));
};

/** Reads the six fields. Throws SyntaxError that says which one is wrong. */
export const parseCron = (expression: string): Cron => {
  const fields = expression.trim().split(/\s+/);
  const [minutes = "", hours = "", monthDay = "", months = "", weekDay = "", years = ""] = fields;
  if (fields.length !== 6) throw new SyntaxError("a cron expression has six fields");
  // One of the two day fields has to stand back.
  if ((monthDay === "?") === (weekDay === "?")) throw new SyntaxError("one of the two day fields must be ?");
  const allowedMonths = new Set(values(months, { least: 1, most: 12, names: MONTHS }));
  const allowedYears = new Set(values(years, { least: 1970, most: LAST_YEAR }));
  const isDay = monthDay === "?" ? dayOfWeek(weekDay) : dayOfMonth(monthDay);
  return {
    minutes: [...new Set(values(minutes, { least: 0, most: 59 }))].sort((left, right) => left - right),
    hours: [...new Set(values(hours, { least: 0, most: 23 }))].sort((left, right) => left - right),
    matchesDay: (year, month, day) =>
      allowedYears.has(year) && allowedMonths.has(month) && isDay(year, month, day),
  };
};

const DAY_MS = 86_400_000;
/** Leap days that fall on a given weekday come within forty years. */
const HORIZON_DAYS = 366 * 40;

/** The first time after `afterMs` that the expression names, milliseconds since the epoch; undefined when there is none. */
export const nextCron = (cron: Cron, afterMs: number): number | undefined => {
  const firstDayMs = Math.floor(afterMs / DAY_MS) * DAY_MS;
  for (let offset = 0; offset < HORIZON_DAYS; offset++) {
    const dayMs = firstDayMs + offset * DAY_MS;
    const date = new Date(dayMs);
    if (!cron.matchesDay(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())) continue;
    for (const hour of cron.hours) {
      for (const minute of cron.minutes) {
        const atMs = dayMs + hour * 3_600_000 + minute * 60_000;
        if (atMs > afterMs) return atMs;
      }
    }
  }
  return undefined;
};
