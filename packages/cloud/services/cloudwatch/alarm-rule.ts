import { AwsError } from "../../kernel/service.ts";
import type { AlarmState } from "./evaluate.ts";

/** A composite alarm's rule, parsed. */
export type AlarmRule =
  | { readonly type: "state"; readonly state: AlarmState; readonly alarm: string }
  | { readonly type: "constant"; readonly value: boolean }
  | { readonly type: "not"; readonly operand: AlarmRule }
  | { readonly type: "and" | "or"; readonly operands: readonly AlarmRule[] };

const TOKEN = /\s*(?:([()])|"((?:[^"\\]|\\.)*)"|([^\s()"]+))/y;
const STATES: Readonly<Record<string, AlarmState>> = {
  ALARM: "ALARM",
  OK: "OK",
  INSUFFICIENT_DATA: "INSUFFICIENT_DATA",
};

interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

const tokens = (text: string): Token[] => {
  const found: Token[] = [];
  const matcher = new RegExp(TOKEN);
  while (matcher.lastIndex < text.trimEnd().length) {
    const match = matcher.exec(text);
    if (match === null) throw invalid(text);
    found.push({ text: match[1] ?? match[2] ?? match[3] ?? "", quoted: match[2] !== undefined });
  }
  return found;
};

const invalid = (text: string): AwsError =>
  new AwsError("ValidationError", `AlarmRule contains an invalid expression: ${text}`);

/** Parses `ALARM("a") AND NOT (OK(b) OR TRUE)` (API_PutCompositeAlarm, AlarmRule); `NOT` binds tightest, `OR` loosest. */
export const parseAlarmRule = (text: string): AlarmRule => {
  const rest = tokens(text);
  const isWord = (word: string): boolean => rest[0]?.quoted === false && rest[0].text.toUpperCase() === word;
  const take = (word: string): void => {
    if (!isWord(word)) throw invalid(text);
    rest.shift();
  };
  const chain = (type: "and" | "or", operand: () => AlarmRule): AlarmRule => {
    const first = operand();
    const operands = [first];
    while (isWord(type.toUpperCase())) {
      rest.shift();
      operands.push(operand());
    }
    return operands.length === 1 ? first : { type, operands };
  };
  const unary = (): AlarmRule => {
    const token = rest.shift();
    if (token === undefined || token.quoted) throw invalid(text);
    const word = token.text.toUpperCase();
    if (word === "NOT") return { type: "not", operand: unary() };
    if (word === "TRUE" || word === "FALSE") return { type: "constant", value: word === "TRUE" };
    if (word === "(") {
      const inner = any();
      take(")");
      return inner;
    }
    const state = STATES[word];
    if (state === undefined) throw invalid(text);
    take("(");
    const alarm = rest.shift();
    if (alarm === undefined || (!alarm.quoted && /^[()]$/.test(alarm.text))) throw invalid(text);
    take(")");
    return { type: "state", state, alarm: alarm.text };
  };
  const any = (): AlarmRule => chain("or", () => chain("and", unary));
  const rule = any();
  if (rest.length > 0) throw invalid(text);
  return rule;
};

/** The names or ARNs that a rule asks about. */
export const alarmsIn = (rule: AlarmRule): string[] => {
  switch (rule.type) {
    case "state":
      return [rule.alarm];
    case "constant":
      return [];
    case "not":
      return alarmsIn(rule.operand);
    case "and":
    case "or":
      return rule.operands.flatMap(alarmsIn);
  }
};

/** Whether the rule holds, given each alarm's state. */
export const ruleHolds = (rule: AlarmRule, stateOf: (alarm: string) => AlarmState | undefined): boolean => {
  switch (rule.type) {
    case "state":
      return stateOf(rule.alarm) === rule.state;
    case "constant":
      return rule.value;
    case "not":
      return !ruleHolds(rule.operand, stateOf);
    case "and":
      return rule.operands.every((operand) => ruleHolds(operand, stateOf));
    case "or":
      return rule.operands.some((operand) => ruleHolds(operand, stateOf));
  }
};
