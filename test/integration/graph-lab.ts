import type { Judged } from "@lifeboat/cloud/iam/iam";
import { checkInvariants, gatherEvidence } from "@lifeboat/lab/checks/check-run";
import { graphStack, type GivenRole } from "@lifeboat/lab/graph/graph-stack";
import type { Scenario } from "@lifeboat/lab/scenarios/scenario";
import { ScenarioStopped, simulate, type Simulation } from "@lifeboat/lab/simulate";
import type { Bundle } from "../../infra/synth/bundle.ts";
import type { FunctionBuild, Graph, GraphResource } from "../../infra/synth/graph.ts";
import { exampleText, readValid } from "../unit/plan-example.ts";
import type { Statement } from "./synth-graph.ts";
import { orderBundle } from "./workshop.ts";

/* Runs of the synthesised stack: the bundles of its functions, its graphs, and what IAM said in each run. */

/** Bundles every function of the graphs once, as the stack wants it bundled. */
export const bundleAll = async (graphs: readonly Graph[]): Promise<ReadonlyMap<string, Bundle>> => {
  const builds = new Map<string, FunctionBuild>(
    graphs.flatMap((graph) => graph.builds.map((build) => [build.component, build] as const)),
  );
  return new Map(
    await Promise.all(
      [...builds].map(async ([component, build]) => [component, await orderBundle(build)] as const),
    ),
  );
};

export interface GraphRun {
  readonly simulation: Simulation;
  readonly judged: readonly Judged[];
  /** What is wrong with the run; nothing where it passed. A refused call is wrong, whatever came of it. */
  readonly problems: readonly string[];
}

const describeDenial = ({ role, action, resource }: Judged): string =>
  `${role} was refused ${action} on ${resource}`;

export interface RunRequest {
  readonly scenario: Scenario;
  /** The example where left out. */
  readonly planText?: string;
  /** Roles that the owner of another account has created. */
  readonly roles?: readonly GivenRole[];
  readonly graphs: readonly Graph[];
  readonly bundles: ReadonlyMap<string, Bundle>;
}

const stackOf = ({ graphs, bundles, roles = [] }: RunRequest) =>
  graphStack({
    graphs,
    roles,
    bundles: new Map([...bundles].map(([component, { file }]) => [component, file])),
  });

/** Runs a scenario on the graphs, and says what is wrong with it. */
export const runOnGraph = async (request: RunRequest): Promise<GraphRun> => {
  const { scenario, planText = exampleText } = request;
  const stack = stackOf(request);
  const simulation = await simulate({ ...readValid(planText), scenario, seed: 7, stack });
  const { judged, denials } = stack.iam();
  const { result, lab } = simulation;
  const problems = [
    ...(result.outcome === scenario.expected ? [] : [`it ended as ${result.outcome}`]),
    ...new Set(denials.map(describeDenial)),
    ...checkInvariants(gatherEvidence(lab)).map(({ message }) => message),
  ];
  return { simulation, judged, problems };
};

/** The first thing that goes wrong: a refused call, or a scenario that does not come to its end. Nothing where it passes. */
export const firstProblem = async (request: RunRequest): Promise<string | undefined> => {
  const { scenario, planText = exampleText } = request;
  const stack = stackOf(request);
  const refused = (): string | undefined => {
    const [denial] = stack.iam().denials;
    return denial === undefined ? undefined : describeDenial(denial);
  };
  try {
    const plan = readValid(planText);
    const stopWhen = (): boolean => refused() !== undefined;
    const { result } = await simulate({ ...plan, scenario, seed: 7, stack, stopWhen });
    return result.outcome === scenario.expected ? undefined : `it ended as ${result.outcome}`;
  } catch (error) {
    return error instanceof ScenarioStopped ? refused() : String(error);
  }
};

type Edit = (statements: readonly Statement[], role: string) => readonly Statement[];

/** The graphs with other statements in the roles' policies. */
export const withPolicies = (graphs: readonly Graph[], edit: Edit): readonly Graph[] =>
  graphs.map((graph) => ({
    ...graph,
    resources: graph.resources.map((resource): GraphResource => {
      if (resource.type !== "aws:iam/rolePolicy:RolePolicy") return resource;
      const document = JSON.parse(String(resource.inputs["policy"])) as { Statement: readonly Statement[] };
      const Statement = edit(document.Statement, String(resource.inputs["role"]));
      return {
        ...resource,
        inputs: { ...resource.inputs, policy: JSON.stringify({ ...document, Statement }) },
      };
    }),
  }));

/** Takes one granted action from a role, wherever the role has it. */
export const withoutAction = (graphs: readonly Graph[], role: string, action: string): readonly Graph[] =>
  withPolicies(graphs, (statements, of) =>
    of === role
      ? statements
          .map((statement) =>
            statement.Effect === "Allow"
              ? { ...statement, Action: statement.Action.filter((one) => one !== action) }
              : statement,
          )
          .filter(({ Action }) => Action.length > 0)
      : statements,
  );
