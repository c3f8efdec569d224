/** Where something is in a definition: keys and indexes from the root. */
export type DefinitionPath = readonly (string | number)[];

/** Something wrong in a definition. `rule` names the check; `offset` is a position inside a string value. */
export interface Finding {
  readonly path: DefinitionPath;
  readonly rule: string;
  readonly message: string;
  /** The finding is about the member's name, not its value. */
  readonly atKey?: boolean;
  readonly offset?: number;
}

/** As AWS writes locations: `/States/Wait/Timestamp`. The root is `/`. */
export const formatPath = (path: DefinitionPath): string => `/${path.join("/")}`;

/** The definition is not a machine that this interpreter runs. `findings` holds every reason. */
export class DefinitionError extends Error {
  readonly findings: readonly Finding[];
  constructor(findings: readonly Finding[]) {
    super(findings.map(({ path, message }) => `${formatPath(path)}: ${message}`).join("\n"));
    this.name = "DefinitionError";
    this.findings = findings;
  }
}
