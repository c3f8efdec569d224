/*
 * What a synthesis of the stack has to tell: the shape that `npm run synth` writes, as far as it is read here.
 */

export interface GraphResource {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly existing: boolean;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly parent: string;
  /** What only AWS knows, as the synthesis answered it to those who asked. */
  readonly told?: Inputs;
}

/** The resources of one stage. */
export interface ResourceGraph {
  readonly stage: string;
  readonly app: {
    readonly providers: {
      readonly aws: { readonly region: string; readonly allowedAccountIds: readonly string[] };
    };
  };
  readonly resources: readonly GraphResource[];
  readonly builds: readonly { readonly component: string; readonly handler: string }[];
  readonly lookups: readonly {
    readonly token: string;
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly answer: Readonly<Record<string, unknown>>;
  }[];
}

export type Inputs = Readonly<Record<string, unknown>>;

/** A text that the resource has to have. */
export const text = (inputs: Inputs, field: string): string => {
  const value = inputs[field];
  if (typeof value !== "string") throw new TypeError(`${field} is ${typeof value}, not text`);
  return value;
};

export const number = (inputs: Inputs, field: string): number => {
  const value = inputs[field];
  if (typeof value !== "number") throw new TypeError(`${field} is ${typeof value}, not a number`);
  return value;
};

export const optionalText = (inputs: Inputs, field: string): string | undefined =>
  inputs[field] === undefined ? undefined : text(inputs, field);

export const nested = (inputs: Inputs, field: string): Inputs => (inputs[field] ?? {}) as Inputs;
