import type { DefinitionPath } from "../definition/finding.ts";
import type { Json } from "./json.ts";

/** Line and column, both from 1, as editors count. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export interface JsonSource {
  readonly value: Json;
  /** Keys that an object has twice: JSON.parse would keep the last one silently. */
  readonly duplicateKeys: readonly DefinitionPath[];
  /** Where a member's value begins, or its key; the nearest thing around it where there is no such member. */
  positionOf(
    path: DefinitionPath,
    options?: { readonly atKey?: boolean; readonly offset?: number },
  ): Position;
}

/** The text is not JSON. */
export class JsonSyntaxError extends Error {
  readonly position: Position;
  constructor(message: string, position: Position) {
    super(message);
    this.name = "JsonSyntaxError";
    this.position = position;
  }
}

interface Place {
  readonly keyAt: number;
  readonly valueAt: number;
}

const positionAt = (text: string, offset: number): Position => {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  return { line: before.split("\n").length, column: offset - lineStart + 1 };
};

const WHITE_SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\n]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;

const keyOf = (path: DefinitionPath): string => JSON.stringify(path);

/** Offset in the raw text of a string, after its quote, of the `decoded`th character of its value. */
const rawOffset = (text: string, valueAt: number, decoded: number): number => {
  let at = valueAt + 1;
  for (let index = 0; index < decoded; index++) {
    if (text[at] === "\\") at += text[at + 1] === "u" ? 6 : 2;
    else at += 1;
  }
  return at;
};

/**
 * Parses JSON, keeping where everything stands.
 *
 * @throws {JsonSyntaxError}
 */
export const parseJsonSource = (text: string): JsonSource => {
  const places = new Map<string, Place>();
  const duplicateKeys: DefinitionPath[] = [];
  let at = 0;

  const fail = (expected: string): never => {
    const found = at < text.length ? `'${text.slice(at, at + 12).split("\n")[0]}'` : "the end of the text";
    throw new JsonSyntaxError(`not JSON: expected ${expected}, found ${found}`, positionAt(text, at));
  };
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const takes = (character: string): boolean => {
    match(WHITE_SPACE);
    if (text[at] !== character) return false;
    at += 1;
    return true;
  };

  const decode = (raw: string): Json => {
    try {
      return JSON.parse(raw) as Json;
    } catch {
      // The pattern lets control characters through, JSON does not.
      at -= raw.length;
      return fail("a string without control characters");
    }
  };

  const parseObject = (path: DefinitionPath): Json => {
    const members = new Map<string, Json>();
    if (takes("}")) return {};
    do {
      match(WHITE_SPACE);
      const keyAt = at;
      const raw = match(STRING) ?? fail("a member's name in double quotes");
      const key = decode(raw) as string;
      const memberPath = [...path, key];
      if (members.has(key)) duplicateKeys.push(memberPath);
      if (!takes(":")) fail("':'");
      members.set(key, parseValue(memberPath, keyAt));
    } while (takes(","));
    if (!takes("}")) fail("',' or '}'");
    return Object.fromEntries(members);
  };
  const parseArray = (path: DefinitionPath): Json => {
    const items: Json[] = [];
    if (takes("]")) return items;
    do {
      match(WHITE_SPACE);
      items.push(parseValue([...path, items.length], at));
    } while (takes(","));
    if (!takes("]")) fail("',' or ']'");
    return items;
  };
  const parseValue = (path: DefinitionPath, keyAt: number): Json => {
    match(WHITE_SPACE);
    places.set(keyOf(path), { keyAt, valueAt: at });
    if (takes("{")) return parseObject(path);
    if (takes("[")) return parseArray(path);
    const raw = match(STRING) ?? match(NUMBER) ?? match(WORD) ?? fail("a JSON value");
    return decode(raw);
  };

  const value = parseValue([], 0);
  match(WHITE_SPACE);
  if (at < text.length) fail("nothing more");

  return {
    value,
    duplicateKeys,
    positionOf(path, { atKey = false, offset } = {}) {
      for (let length = path.length; length >= 0; length--) {
        const place = places.get(keyOf(path.slice(0, length)));
        if (place === undefined) continue;
        const isExact = length === path.length;
        if (isExact && offset !== undefined) return positionAt(text, rawOffset(text, place.valueAt, offset));
        return positionAt(text, isExact && atKey ? place.keyAt : place.valueAt);
      }
      return { line: 1, column: 1 };
    },
  };
};
