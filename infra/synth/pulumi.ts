import { createRequire } from "node:module";
import { join } from "node:path";
import { platform } from "./platform.ts";

/** What is used of Pulumi and esbuild, as SST's platform has them: the very instances that the stack will run with. */
export interface MockArguments {
  readonly type: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly provider?: string;
  readonly id?: string;
  readonly custom?: boolean;
}

export interface MockCall {
  readonly token: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export interface Mocks {
  newResource(args: MockArguments): { readonly id: string; readonly state: Record<string, unknown> };
  call(args: MockCall): Record<string, unknown>;
}

/** A registration on its way to the engine, as far as mocks do not hand it on. */
export interface Registration {
  getType(): string;
  getName(): string;
  getParent(): string;
  getDependenciesList(): string[];
}

type Register = (this: unknown, request: Registration, callback: unknown) => unknown;

export interface Pulumi {
  readonly runtime: {
    setMocks(mocks: Mocks, project: string, stack: string, preview: boolean): Promise<void>;
    runInPulumiStack(program: () => Promise<unknown>): Promise<unknown>;
  };
  readonly monitor: { registerResource: Register };
}

export interface BuildOptions {
  readonly [option: string]: unknown;
}

export interface Esbuild {
  build(options: BuildOptions): Promise<{
    readonly metafile?: {
      readonly outputs: Record<
        string,
        {
          readonly exports: readonly string[];
          readonly bytes: number;
          readonly imports: readonly {
            readonly path: string;
            readonly kind: string;
            readonly external?: boolean;
          }[];
          readonly inputs: Readonly<Record<string, { readonly bytesInOutput: number }>>;
        }
      >;
    };
  }>;
}

const fromPlatform = createRequire(join(platform, "package.json"));

export const loadPulumi = (): Pulumi => {
  const { runtime } = fromPlatform("@pulumi/pulumi") as Pick<Pulumi, "runtime">;
  const { MockMonitor } = fromPlatform("@pulumi/pulumi/runtime/mocks") as {
    readonly MockMonitor: { readonly prototype: Pulumi["monitor"] };
  };
  return { runtime, monitor: MockMonitor.prototype };
};

export const loadEsbuild = (): Esbuild => fromPlatform("esbuild") as Esbuild;
