import type { Output } from "./io.ts";

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export type Colour = keyof typeof codes;

/** Colours a text for an output that shows colours, and leaves it alone for any other. */
export const paint = (output: Output, colour: Colour, text: string): string => {
  if (!output.colours) return text;
  const [on, off] = codes[colour];
  return `\u001B[${on}m${text}\u001B[${off}m`;
};

/** Text from a file, safe to show: a control character could move the cursor or rename the window. */
export const printable = (text: string): string =>
  text.replace(/\p{Cc}/gu, (control) => (control === "\t" ? " " : "�"));
