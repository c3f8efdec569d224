const FORM = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/**
 * An ISO-8601 date and time with `T` and an offset, as Step Functions wants it, in milliseconds since the epoch
 * (fractions below are cut off). `undefined` for anything else, impossible dates included.
 */
export const parseTimestamp = (text: string): number | undefined => {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction = "", offset = "Z"] = match;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const ms = Date.parse(`${local}Z`);
  // Date.parse rolls 30 February over to March, and takes 24:00.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== local) return undefined;
  const [offsetHours = 0, offsetMinutes = 0] = offset === "Z" ? [] : offset.slice(1).split(":").map(Number);
  if (offsetHours > 18 || offsetMinutes > 59) return undefined;
  const offsetMs = (offsetHours * 60 + offsetMinutes) * 60_000 * (offset.startsWith("-") ? -1 : 1);
  return ms - offsetMs + Math.floor(Number(`0${fraction}`) * 1000);
};
