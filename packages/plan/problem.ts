/** Where in a document something stands: field names and positions in lists. */
export type Path = readonly (string | number)[];

/** One thing about a plan that its author has to know, with the place to look at. */
export interface PlanProblem {
  readonly file: string;
  /** Both count from 1; the column counts UTF-16 code units, as editors do. */
  readonly line: number;
  readonly column: number;
  /** The field, such as `decision.signals[2].from`; empty for the document as a whole. */
  readonly path: string;
  /** `warning`: the plan works, but probably not as its author thinks. */
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly expected?: string;
  /** What to do, where that can be guessed. */
  readonly suggestion?: string;
}

/** A problem that still has to be given its place in the text. */
export interface Finding {
  readonly path: Path;
  /** Whether the field's name or its value is what is wrong. */
  readonly at: "key" | "value";
  /** For what has no path of its own: an offset in the text. */
  readonly offset?: number;
  readonly severity?: "warning";
  readonly message: string;
  readonly expected?: string;
  readonly suggestion?: string;
}

/** Longer values are not repeated: somebody may have pasted a key or a password into the wrong field. */
const longestEcho = 80;

/** A value as a message shows it; only said to be there when it is long. */
export const echo = (value: unknown): string => {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  const text = JSON.stringify(value);
  return text.length > longestEcho ? `a value of ${text.length} characters` : text;
};

const segment = (part: string | number): string => {
  if (typeof part === "number") return `[${part}]`;
  if (part.length > longestEcho) return `.<a name of ${part.length} characters>`;
  return /^[\w-]+$/.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`;
};

/** `decision.signals[2].from` */
export const renderPath = (path: Path): string => path.map(segment).join("").replace(/^\./, "");

/** Words that a parser quotes from the text are subject to the same limit. */
export const withoutLongWords = (message: string): string =>
  message.replace(/\S{81,}/g, (word) => `<${word.length} characters>`);
