/** One resource as the stack asked for it, with every output of others resolved. */
export interface GraphResource {
  /** Pulumi's token: `aws:iam/role:Role`. */
  readonly type: string;
  /** The logical name, unique within its type and parent. */
  readonly name: string;
  readonly region: string;
  /** False for components, which only group others. */
  readonly custom: boolean;
  /** Read from the account, not created. */
  readonly existing: boolean;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly parent: string;
  readonly dependsOn: readonly string[];
}

/** What `sst deploy` of one stage would create. */
export interface Graph {
  readonly stage: string;
  readonly app: {
    readonly name: string;
    readonly protect: boolean;
    readonly removal: string;
    readonly providers: {
      readonly aws: { readonly region: string; readonly allowedAccountIds: readonly string[] };
    };
  };
  readonly outputs: unknown;
  readonly resources: readonly GraphResource[];
  /** What the stack asked of the account while it was built: token and arguments. */
  readonly lookups: readonly { readonly token: string; readonly inputs: unknown }[];
}

/** What the child process hands over: a graph, or why there is none. */
export type SynthesisResult =
  | { readonly ok: true; readonly graph: Graph }
  | { readonly ok: false; readonly errors: readonly string[] };
