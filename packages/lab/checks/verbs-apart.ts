import { deployedName } from "@lifeboat/control-plane/names";
import { inputOf, isOurs, movesIn, nameOf } from "./acts.ts";
import type { Checker, Evidence, Violation } from "./evidence.ts";

/** `arn:aws:states:eu-west-3:111122223333:execution:lifeboat-spacelift-failover:name` */
const machineIn = (executionArn: string): string | undefined => executionArn.split(":")[6];

/**
 * Verbs stay apart, and data loss is never silent (invariant 7), by the calls themselves: only an execution of the failover
 * machine asks for a move that may lose data, it says so in the call (`FailoverGlobalCluster` without `AllowDataLoss` is a
 * switchover, whatever its name says), and no execution asks for both. Whoever was told of a recovery was told what it lost.
 */
export const verbsApart: Checker = (evidence) => [...confusedMoves(evidence), ...silentLosses(evidence)];

const confusedMoves = (evidence: Evidence): readonly Violation[] => {
  const failover = deployedName(evidence.plan.workload, "failover");
  const asked = new Map<string, boolean>();
  return movesIn(evidence)
    .filter(isOurs)
    .flatMap((move) => {
      const { execution = "no execution" } = move.origin;
      const said = (what: string): readonly Violation[] => [
        { invariant: "verbs-apart", message: `${nameOf(move)} by ${execution}, ${what}`, atMs: move.atMs },
      ];
      const mayLose = inputOf(move)["AllowDataLoss"] === true;
      const isFailover = machineIn(execution) === failover;
      const before = asked.get(execution) ?? mayLose;
      asked.set(execution, mayLose);
      if (before !== mayLose) return said("which has asked for the other verb before");
      if (mayLose && !isFailover) return said("which may lose data and is no failover");
      if (!mayLose && isFailover) return said("which does not say that data may be lost, and is a failover");
      return [];
    });
};

/** `Lost: between 0.0 s and 60.0 s of acknowledged writes.` */
const NAMES_LOSS = /^Lost: /m;

const silentLosses = ({ records, notices }: Evidence): readonly Violation[] =>
  records
    .filter(({ body }) => body.outcome === "recovered")
    .flatMap(({ body: { execution } }) =>
      notices
        .filter(
          ({ message }) =>
            message.includes(": recovered, ") &&
            message.includes(`Execution: ${execution}`) &&
            !NAMES_LOSS.test(message),
        )
        .map(({ atMs }) => ({
          invariant: "verbs-apart",
          message: `people were told that ${execution} recovered, and not what it lost`,
          atMs,
        })),
    );
