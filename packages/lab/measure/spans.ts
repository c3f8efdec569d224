/** A stretch of virtual time, milliseconds since the epoch; the end is not part of it. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** The spans without overlaps, in order, cut to `within`. */
export const unionWithin = (spans: readonly Span[], within: Span): readonly Span[] => {
  const cut = spans
    .map(({ startMs, endMs }) => ({
      startMs: Math.max(startMs, within.startMs),
      endMs: Math.min(endMs, within.endMs),
    }))
    .filter(({ startMs, endMs }) => endMs > startMs)
    .sort((left, right) => left.startMs - right.startMs);
  const merged: Span[] = [];
  for (const span of cut) {
    const last = merged.at(-1);
    if (last !== undefined && span.startMs <= last.endMs)
      merged[merged.length - 1] = { startMs: last.startMs, endMs: Math.max(last.endMs, span.endMs) };
    else merged.push(span);
  }
  return merged;
};

export const lengthMs = (spans: readonly Span[]): number =>
  spans.reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0);
