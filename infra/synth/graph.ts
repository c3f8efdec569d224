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
  /** What only AWS knows, as it was answered here: other resources' inputs have it. */
  readonly told?: Readonly<Record<string, string>>;
}

/** What the stack asks SST to bundle, and how: the settings of `nodejs` in `sst.aws.Function`. */
export interface FunctionBuild {
  /** The component's name: the parent of the `aws:lambda/function:Function`. */
  readonly component: string;
  /** Module and export, from the root of the repository. */
  readonly handler: string;
  readonly settings: BundleSettings;
}

export interface BundleSettings {
  readonly format?: "esm" | "cjs";
  readonly minify?: boolean;
  readonly sourcemap?: boolean;
  readonly splitting?: boolean;
  readonly banner?: string;
  readonly install?: readonly string[];
  readonly loader?: Readonly<Record<string, string>>;
  /** Handed to esbuild after SST's own options. */
  readonly esbuild?: Readonly<Record<string, unknown>>;
  readonly architecture?: string;
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
  readonly builds: readonly FunctionBuild[];
  /** What the stack asked of the account while it was built: token and arguments, and what it was answered. */
  readonly lookups: readonly {
    readonly token: string;
    readonly inputs: Readonly<Record<string, unknown>>;
    readonly answer: Readonly<Record<string, unknown>>;
  }[];
}

/** What the child process hands over: a graph, or why there is none. */
export type SynthesisResult =
  | { readonly ok: true; readonly graph: Graph }
  | { readonly ok: false; readonly errors: readonly string[] };
