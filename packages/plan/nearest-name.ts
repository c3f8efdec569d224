/** Edits (insert, remove, replace, swap two neighbours) that turn one word into the other: Damerau's distance, restricted. */
const editDistance = (left: string, right: string): number => {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let least = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        least = Math.min(least, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(least);
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length] ?? left.length;
};

/** Case and separators are what people mix up most: `global_cluster`, `GlobalCluster` and `globalCluster` are one word. */
const fold = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/**
 * The candidate that was probably meant, or undefined where none is near: at most a third of the letters may differ. Of
 * equally near ones the first wins.
 */
export const nearestName = (name: string, candidates: Iterable<string>): string | undefined => {
  // Nobody mistypes a name into something this long; and the distance costs the product of the lengths.
  if (name.length > 80) return undefined;
  const folded = fold(name);
  if (folded === "") return undefined;
  let nearest: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const distance = editDistance(folded, fold(candidate));
    if (distance < least && distance <= Math.max(1, Math.floor(folded.length / 3))) {
      nearest = candidate;
      least = distance;
    }
  }
  return nearest;
};
