/** Seeded randomness. Each part of the cloud draws from a stream of its own name, so one more draw here shifts nothing there. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform whole number, both ends included. */
  integer(least: number, most: number): number;
  /** Lower-case hexadecimal digits. */
  hex(digits: number): string;
  /** An RFC 4122 version 4 UUID. */
  uuid(): string;
  /** An independent stream, the same for the same seed and name. */
  stream(name: string): Random;
}

/** FNV-1a, enough to spread names over seeds. */
const hash = (text: string): number => {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
};

/** Two digits for each byte. */
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const hexOf = (word: number): string =>
  `${HEX[word >>> 24]}${HEX[(word >>> 16) & 255]}${HEX[(word >>> 8) & 255]}${HEX[word & 255]}`;

/** The generator is mulberry32 (Tommy Ettinger, public domain): 32 bits of state, no need for cryptographic strength. */
export const createRandom = (seed: number | string): Random => {
  const origin = String(seed);
  let state = hash(origin);
  const word = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return (value ^ (value >>> 14)) >>> 0;
  };
  const next = (): number => word() / 4_294_967_296;
  const integer = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  /** Eight digits for each number that is drawn: ids are most of what chance is asked for. */
  const hex = (digits: number): string => {
    let text = "";
    while (text.length < digits) text += hexOf(word());
    return text.slice(0, digits);
  };
  return {
    next,
    integer,
    hex,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${"89ab"[integer(0, 3)]}${hex(3)}-${hex(12)}`,
    stream: (name) => createRandom(`${origin}/${name}`),
  };
};
