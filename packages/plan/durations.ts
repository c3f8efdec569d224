const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 };

/**
 * Whole numbers with units, largest unit first, each at most once: `90s`, `15m`, `12h`, `1h30m`, `500ms`. Not zero: nothing in
 * a plan can mean "no time at all".
 */
export const durationPattern =
  /^(?=\d)(?=.*[1-9])(?:\d{1,4}h)?(?:\d{1,6}m(?!s))?(?:\d{1,6}s)?(?:\d{1,6}ms)?$/;

/** Milliseconds of a duration that matches {@link durationPattern}; undefined for any other text. */
export const parseDuration = (text: string): number | undefined => {
  if (!durationPattern.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+)(ms|[hms])/g)) {
    totalMs += Number(amount) * (units[unit ?? ""] ?? 0);
  }
  return totalMs;
};

/** What a person probably meant by a duration that is none: `15 min`, `90`, `1 hour`. undefined: no idea. */
export const repairDuration = (text: string): string | undefined => {
  const [, amount, word] = /^\s*(\d{1,6})\s*([a-zA-Z]*)\.?\s*$/.exec(text) ?? [];
  if (amount === undefined) return undefined;
  if (word === undefined || word === "") return `${amount}s`;
  const unit = [
    { unit: "ms", words: /^(ms|msecs?|millis|milliseconds?)$/i },
    { unit: "s", words: /^(s|secs?|seconds?)$/i },
    { unit: "m", words: /^(m|mins?|minutes?)$/i },
    { unit: "h", words: /^(h|hrs?|hours?)$/i },
  ].find(({ words }) => words.test(word));
  if (unit !== undefined) return `${amount}${unit.unit}`;
  return /^d(ays?)?$/i.test(word) ? `${Number(amount) * 24}h` : undefined;
};
