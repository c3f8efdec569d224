/** A service's model as AWS publishes it, trimmed: what its operations take, answer, and refuse with. */
export interface ApiModel {
  readonly service: string;
  readonly operations: Readonly<Record<string, ApiOperation>>;
  readonly shapes: Readonly<Record<string, ApiShape>>;
  readonly examples?: Readonly<Record<string, readonly ApiExample[]>>;
}

export interface ApiOperation {
  readonly input?: string;
  readonly output?: string;
  readonly errors?: readonly string[];
}

/** A documented request and its reply, in the JSON of AWS's documentation. */
export interface ApiExample {
  readonly id: string;
  readonly title: string;
  readonly input?: Readonly<Record<string, unknown>>;
  readonly output?: Readonly<Record<string, unknown>>;
}

interface Reference {
  readonly shape: string;
}

export interface ApiShape {
  readonly type:
    | "structure"
    | "list"
    | "map"
    | "string"
    | "integer"
    | "long"
    | "float"
    | "double"
    | "boolean"
    | "timestamp"
    | "blob";
  readonly exception?: boolean;
  readonly members?: Readonly<Record<string, Reference>>;
  readonly required?: readonly string[];
  readonly member?: Reference;
  readonly key?: Reference;
  readonly value?: Reference;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  /** Lengths of texts, lists, maps and bytes; values of numbers. */
  readonly min?: number;
  readonly max?: number;
}
