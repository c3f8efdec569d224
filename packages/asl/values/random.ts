/**
 * Seeded chance whose whole state is one number, so that it can be kept in a serialised execution. The generator is
 * mulberry32 (public domain).
 */
export interface Chance {
  state: number;
}

/** FNV-1a over UTF-16 units: spreads seeds, which are often small numbers or names, over 32 bits. */
export const hashSeed = (seed: number | string): number => {
  const text = String(seed);
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
};

export const createChance = (seed: number | string): Chance => ({ state: hashSeed(seed) });

/** Uniform in [0, 1). Advances the state. */
export const drawFraction = (chance: Chance): number => {
  chance.state = (chance.state + 0x6d2b79f5) | 0;
  let value = Math.imul(chance.state ^ (chance.state >>> 15), 1 | chance.state);
  value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
  return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
};

/** `digits` lower-case hexadecimal digits. */
export const drawHex = (chance: Chance, digits: number): string =>
  Array.from({ length: digits }, () => Math.floor(drawFraction(chance) * 16).toString(16)).join("");

/** A version 4 UUID. */
export const drawUuid = (chance: Chance): string => {
  const variant = "89ab"[Math.floor(drawFraction(chance) * 4)];
  return [
    drawHex(chance, 8),
    drawHex(chance, 4),
    `4${drawHex(chance, 3)}`,
    `${variant}${drawHex(chance, 3)}`,
    drawHex(chance, 12),
  ].join("-");
};
