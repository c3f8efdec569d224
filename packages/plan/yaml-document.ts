import { isAlias, isMap, isScalar, isSeq, type ParsedNode, parseDocument } from "yaml";
import { echo, type Finding, type Path, withoutLongWords } from "./problem.ts";

interface Place {
  /** Where the name of the field starts; absent in lists and for the document. */
  readonly key?: number;
  readonly value: number;
  /** How a plain value was written: `012` reads as a number and has lost its zero. */
  readonly source?: string;
}

/** The text of a plan as a tree of JSON values, each with its place. */
export interface YamlDocument {
  /** undefined: the text could not be read as YAML, or holds what JSON has no word for. */
  readonly value: unknown;
  readonly findings: readonly Finding[];
  /** Where to point for this path; the nearest parent where nothing stands there. */
  readonly offsetOf: (path: Path, at: "key" | "value") => number;
  readonly sourceOf: (path: Path) => string | undefined;
  readonly lineAndColumn: (offset: number) => { readonly line: number; readonly column: number };
}

/** Far above any plan, far below what a few lines of nested aliases can unfold to. */
const mostValues = 20_000;
const deepest = 40;
const longestText = 512 * 1024;

class TooMuch extends Error {}

/** Counts here, not with the parser's LineCounter: that counts some line breaks in flow collections twice (yaml 2.9.1). */
const lineCounter = (text: string): YamlDocument["lineAndColumn"] => {
  const starts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  return (offset) => {
    let line = 0;
    let after = starts.length;
    while (after - line > 1) {
      const middle = (line + after) >> 1;
      if ((starts[middle] ?? 0) <= offset) line = middle;
      else after = middle;
    }
    return { line: line + 1, column: Math.min(offset, text.length) - (starts[line] ?? 0) + 1 };
  };
};

/** Unfolds aliases and checks what YAML allows and a plan cannot mean. Collects findings; throws {@link TooMuch}. */
const createReader = (findings: Finding[], places: Map<string, Place>) => {
  const anchors = new Map<string, ParsedNode>();
  const open = new Set<ParsedNode>();
  let values = 0;

  const refuse = (path: Path, offset: number, message: string, suggestion?: string): undefined => {
    findings.push({
      path,
      at: "value",
      offset,
      message,
      ...(suggestion === undefined ? {} : { suggestion }),
    });
    return undefined;
  };

  const read = (node: ParsedNode | null, path: Path, key?: number, within = 0): unknown => {
    if (++values > mostValues) throw new TooMuch(`it unfolds to more than ${mostValues} values`);
    if (path.length > deepest) throw new TooMuch(`it is nested more than ${deepest} levels deep`);
    // What was left empty stands nowhere: point to the name of its field.
    const empty = key !== undefined && isScalar(node) && node.range[0] === node.range[1];
    const start = empty ? key : (node?.range[0] ?? within);
    places.set(JSON.stringify(path), {
      value: start,
      ...(key === undefined ? {} : { key }),
      ...(isScalar(node) && node.source !== undefined ? { source: node.source } : {}),
    });
    if (node === null) return null;
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined || open.has(target)) {
        const why =
          target === undefined
            ? "stands for nothing written before it"
            : "stands for something that contains it";
        return refuse(path, start, `the alias ${echo(node.source)} ${why}`);
      }
      return read(target, path, key, start);
    }
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isScalar(node)) {
      const { value } = node;
      if (typeof value === "number" && !Number.isFinite(value)) {
        return refuse(path, start, `${echo(node.source)} is not a number that a plan can hold`);
      }
      return value;
    }
    open.add(node);
    const result: unknown = isSeq(node)
      ? node.items.map((item, index) => read(item, [...path, index], undefined, start))
      : readMap(node, path);
    open.delete(node);
    return result;
  };

  const readMap = (node: ParsedNode, path: Path): unknown => {
    const entries = new Map<string, unknown>();
    if (!isMap<ParsedNode, ParsedNode | null>(node))
      return refuse(path, node.range[0], "this is no plain value");
    for (const pair of node.items) {
      const at = pair.key.range[0];
      const name = isScalar(pair.key) ? pair.key.value : undefined;
      if (typeof name !== "string") {
        const written = isScalar(pair.key) ? pair.key.source : undefined;
        refuse(
          path,
          at,
          "the name of a field must be text",
          written === undefined || written === "" ? undefined : `write ${echo(written)}`,
        );
      } else if (name === "__proto__") {
        refuse(path, at, "no field can have this name");
      } else if (entries.has(name)) {
        refuse([...path, name], at, "is given twice", "keep one of the two");
      } else {
        entries.set(name, read(pair.value, [...path, name], at, at));
      }
    }
    return Object.fromEntries(entries);
  };

  return (node: ParsedNode | null): unknown => read(node, []);
};

/** Reads YAML 1.2 (of which JSON is a part). Never throws: what cannot be read is a finding. */
export const readYaml = (text: string): YamlDocument => {
  const findings: Finding[] = [];
  const places = new Map<string, Place>();
  const whole = (message: string): void => {
    findings.push({ path: [], at: "value", offset: 0, message });
  };
  let value: unknown;
  if (text.length > longestText) {
    whole(`the text has ${text.length} characters; a plan has at most ${longestText}`);
  } else {
    try {
      const document = parseDocument(text, {
        prettyErrors: false,
        // Reported by the reader, with the path of the field.
        uniqueKeys: false,
        version: "1.2",
        schema: "core",
        logLevel: "silent",
      });
      const faults = [...document.errors, ...document.warnings];
      if (faults.some(({ message }) => message.includes("call stack")))
        throw new RangeError("nested too deeply");
      for (const [index, { message, pos }] of faults.entries()) {
        // Once the parser has lost its way, it complains of every word that follows.
        if (index > 0 && /^Unexpected .* in YAML stream/.test(message)) continue;
        const said = `this is not valid YAML: ${withoutLongWords(message)}`;
        findings.push({ path: [], at: "value", offset: Math.min(pos[0], text.length), message: said });
      }
      if (document.directives.yaml.explicit === true && document.directives.yaml.version !== "1.2") {
        whole("plans are YAML 1.2: remove the %YAML line");
      }
      if (findings.length === 0) value = createReader(findings, places)(document.contents);
    } catch (error) {
      // Deep nesting overflows the parser's stack before the reader can count levels.
      const why = error instanceof TooMuch ? error.message : "it is nested too deeply or damaged";
      findings.length = 0;
      whole(`the text cannot be read: ${why}`);
    }
  }

  const placeOf = (path: Path): Place | undefined => places.get(JSON.stringify(path));
  return {
    value,
    findings,
    offsetOf: (path, at) => {
      const exact = placeOf(path);
      if (exact !== undefined) return at === "key" ? (exact.key ?? exact.value) : exact.value;
      for (let length = path.length - 1; length >= 0; length--) {
        const parent = placeOf(path.slice(0, length));
        if (parent !== undefined) return parent.key ?? parent.value;
      }
      return 0;
    },
    sourceOf: (path) => placeOf(path)?.source,
    lineAndColumn: lineCounter(text),
  };
};
